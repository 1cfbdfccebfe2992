/*
 * tree.c: finds a table (the root) and all tables that lead to it by foreign keys
 *
 * The search is breadth first from the root.  The caller may add tables that no foreign key
 * connects with the root, and may leave tables out.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"

#include "clone/tree.h"
#include "owner/owner_path.h"
#include "postgres/foreign_key.h"
#include "postgres/query.h"
#include "postgres/relation.h"

/* clang-format off */

#define SELECT_EDGES \
	"SELECT DISTINCT k.confrelid, k.conrelid, format('%I.%I', n.nspname, c.relname)" \
	" FROM (" \
		"SELECT confrelid, conrelid" \
		" FROM pg_constraint" \
		" WHERE contype = 'f'" \
		" UNION ALL SELECT s.confrelid, s.root" \
		" FROM (" FOREIGN_KEY_SHARED_SELECT ") s) k" \
	" JOIN pg_class c ON c.oid = k.conrelid" \
	" JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" WHERE NOT c.relispartition" \
	" AND c.relpersistence <> 't'" \
	" AND n.nspname <> 'gray'" \
	" AND n.nspname NOT IN (SELECT gray_schema FROM gray.release)" \
	" ORDER BY k.confrelid"

/* clang-format on */

static void
load_edges(TreeEdges *edges)
{
	edges->count = query_run(SELECT_EDGES, NULL);
	edges->to = palloc(sizeof(Oid) * Max(edges->count, 1));
	edges->from = palloc(sizeof(Oid) * Max(edges->count, 1));
	edges->from_name = palloc(sizeof(char *) * Max(edges->count, 1));
	for (int i = 0; i < edges->count; i++)
	{
		edges->to[i] = query_oid(i, 1);
		edges->from[i] = query_oid(i, 2);
		edges->from_name[i] = query_text(i, 3);
	}
}

/* The position of the first edge that leads to this table, or the position where it would be. */
static int
first_edge(const TreeEdges *edges, Oid to)
{
	int low = 0;
	int high = edges->count;

	while (low < high)
	{
		int middle = low + (high - low) / 2;

		if (edges->to[middle] < to)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static TreeTable *
make_table(Oid relation, const char *name, int distance)
{
	TreeTable *table = palloc0(sizeof(TreeTable));

	table->relation = relation;
	table->name = pstrdup(name);
	table->distance = distance;
	return table;
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(((TreeTable *) lfirst(a))->name, ((TreeTable *) lfirst(b))->name);
}

/* The tables not yet in `seen` that lead to one of `level`, ordered by name. */
static List *
next_level(const TreeEdges *edges, const List *level, HTAB *seen)
{
	List	 *next = NIL;
	ListCell *cell;

	foreach(cell, level)
	{
		const TreeTable *table = lfirst(cell);

		for (int i = first_edge(edges, table->relation);
			 i < edges->count && edges->to[i] == table->relation; i++)
		{
			bool found;

			(void) hash_search(seen, &edges->from[i], HASH_ENTER, &found);
			if (!found)
				next = lappend(next, make_table(edges->from[i], edges->from_name[i],
												table->distance + 1));
		}
	}
	list_sort(next, compare_names);
	return next;
}

static HTAB *
make_set(void)
{
	HASHCTL control = {.keysize = sizeof(Oid),
					   .entrysize = sizeof(Oid),
					   .hcxt = CurrentMemoryContext};

	return hash_create("tables of a tree", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
add_to_set(HTAB *set, Oid member)
{
	(void) hash_search(set, &member, HASH_ENTER, NULL);
}

static bool
is_in_set(HTAB *set, Oid member)
{
	bool found;

	(void) hash_search(set, &member, HASH_FIND, &found);
	return found;
}

/*
 * Search level by level from the tables of `level`.  Tables in `seen` are passed over, and the
 * tables found are added to `seen`.
 */
static List *
breadth_first(const TreeEdges *edges, List *level, HTAB *seen)
{
	List *tables = NIL;

	while (level != NIL)
	{
		tables = list_concat(tables, level);
		level = next_level(edges, level, seen);
	}
	return tables;
}

/*
 * The set of tables from which the search begins or which it must not enter: the starts, the tables
 * left out, and `avoided` (0: none).
 */
static HTAB *
start_set(const Tree *tree, Oid avoided)
{
	HTAB	 *seen = make_set();
	ListCell *cell;

	foreach(cell, tree->left_out)
		add_to_set(seen, lfirst_oid(cell));
	foreach(cell, tree->starts)
		add_to_set(seen, ((TreeTable *) lfirst(cell))->relation);
	if (OidIsValid(avoided))
		add_to_set(seen, avoided);
	return seen;
}

/*
 * Add the tables of `beside` that the search from the root has not found, and all tables that lead
 * to them.  They have the same distance as the root's nearest tables.
 */
static void
add_beside(Tree *tree, const List *beside, HTAB *seen)
{
	List	 *level = NIL;
	ListCell *cell;

	foreach(cell, beside)
	{
		Oid relation = lfirst_oid(cell);

		if (is_in_set(seen, relation))
			continue;
		add_to_set(seen, relation);
		level = lappend(level, make_table(relation, relation_name(relation), 1));
	}
	list_sort(level, compare_names);
	tree->starts = list_concat(tree->starts, level);
	tree->tables = list_concat(tree->tables, breadth_first(&tree->edges, level, seen));
}

/* Find the tables that the tree would also have if no table was left out. */
static void
find_lost(Tree *tree, HTAB *found)
{
	HTAB	 *seen = make_set();
	ListCell *cell;

	foreach(cell, tree->starts)
		add_to_set(seen, ((TreeTable *) lfirst(cell))->relation);
	foreach(cell, breadth_first(&tree->edges, list_copy(tree->starts), seen))
	{
		if (!is_in_set(found, ((TreeTable *) lfirst(cell))->relation))
			tree->lost = lappend(tree->lost, lfirst(cell));
	}
}

Tree *
tree_find(unsigned int root, List *beside, List *left_out)
{
	Tree *tree = palloc0(sizeof(Tree));
	HTAB *seen;

	load_edges(&tree->edges);
	tree->left_out = left_out;
	tree->starts = list_make1(make_table(root, relation_name(root), 0));
	seen = start_set(tree, InvalidOid);
	tree->tables = breadth_first(&tree->edges, list_copy(tree->starts), seen);
	add_beside(tree, beside, seen);
	find_lost(tree, seen);
	return tree;
}

TreeTable *
tree_table(const Tree *tree, unsigned int relation)
{
	ListCell *cell;

	foreach(cell, tree->tables)
	{
		TreeTable *table = lfirst(cell);

		if (table->relation == relation)
			return table;
	}
	return NULL;
}

bool
tree_leads_past(const Tree *tree, const TreeTable *table, unsigned int avoided)
{
	HTAB	 *seen = start_set(tree, avoided);
	List	 *starts = NIL;
	ListCell *cell;
	bool	  found;

	foreach(cell, tree->starts)
	{
		if (((TreeTable *) lfirst(cell))->relation != avoided)
			starts = lappend(starts, lfirst(cell));
	}
	(void) breadth_first(&tree->edges, starts, seen);
	found = is_in_set(seen, table->relation);
	hash_destroy(seen);
	return found;
}

/*
 * Order
 */

static void
raise_circle(const TreeTable *table)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("owner paths of table %s form a circle", table->name),
					errdetail("By %s its rows lead to themselves, and to no user.",
							  owner_path_text(table->owner)),
					errhint("Choose another path for one of these tables in choices.")));
}

/*
 * Append a table behind the table that its owner path leads to.  `pending` are the tables on the
 * way that wait to be appended.
 */
static void
append_in_order(const Tree *tree, TreeTable *table, List *pending, List **ordered)
{
	TreeTable *parent = NULL;

	check_stack_depth();
	if (list_member_ptr(*ordered, table))
		return;
	if (list_member_ptr(pending, table))
		raise_circle(table);
	if (table->owner != NULL && table->owner->uid_attnum == 0)
		parent = tree_table(tree, table->owner->parent);
	if (parent != NULL)
		append_in_order(tree, parent, lappend(list_copy(pending), table), ordered);
	*ordered = lappend(*ordered, table);
}

void
tree_sort_owners(Tree *tree)
{
	List	 *ordered = NIL;
	ListCell *cell;

	foreach(cell, tree->tables)
		append_in_order(tree, lfirst(cell), NIL, &ordered);
	tree->tables = ordered;
}
