/*
 * tree.c: a table and all tables that lead to it by foreign keys
 *
 * Breadth first from the root.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"

#include "query.h"
#include "relation.h"
#include "shared_key.h"
#include "tree.h"

#define ALL_LEAVES \
	"SELECT c.oid, pg_partition_root(c.oid) FROM pg_class c" \
	" WHERE c.relispartition AND c.relkind IN ('r', 'f')"

#define SHARED_EDGES SHARED_KEY_SELECT(ALL_LEAVES)

#define SELECT_EDGES \
	"SELECT DISTINCT k.confrelid::text, k.conrelid::text, format('%I.%I', n.nspname, c.relname), k.confrelid" \
	" FROM (SELECT confrelid, conrelid FROM pg_constraint WHERE contype = 'f'" \
	" UNION ALL SELECT s.confrelid, s.root FROM (" SHARED_EDGES ") s) k" \
	" JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace" \
	" WHERE NOT c.relispartition AND c.relpersistence <> 't' AND n.nspname <> 'gray'" \
	" AND n.nspname NOT IN (SELECT gray_schema FROM gray.release) ORDER BY k.confrelid"

static void
load_edges(TreeEdges *edges)
{
	edges->count = query_run(SELECT_EDGES, NULL);
	edges->to = palloc(sizeof(Oid) * Max(edges->count, 1));
	edges->from = palloc(sizeof(Oid) * Max(edges->count, 1));
	edges->from_name = palloc(sizeof(char *) * Max(edges->count, 1));
	for (int i = 0; i < edges->count; i++)
	{
		edges->to[i] = (Oid) strtoul(query_text(i, 1), NULL, 10);
		edges->from[i] = (Oid) strtoul(query_text(i, 2), NULL, 10);
		edges->from_name[i] = query_text(i, 3);
	}
}

/* The first edge that leads to this table, or the place where it would be. */
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

/* The tables not seen yet that lead to one of `level`, by name. */
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

/* A set of tables, with one in it. */
static HTAB *
make_set(unsigned int member)
{
	HASHCTL control = {.keysize = sizeof(Oid),
					   .entrysize = sizeof(Oid),
					   .hcxt = CurrentMemoryContext};
	HTAB   *set =
		hash_create("tables of a tree", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);

	(void) hash_search(set, &member, HASH_ENTER, NULL);
	return set;
}

/* Level by level; tables in `seen` are passed over, and those found are added to it. */
static List *
breadth_first(const TreeEdges *edges, TreeTable *root, HTAB *seen)
{
	List *level = list_make1(root);
	List *tables = NIL;

	while (level != NIL)
	{
		tables = list_concat(tables, level);
		level = next_level(edges, level, seen);
	}
	return tables;
}

Tree *
tree_find(unsigned int root)
{
	Tree	   *tree = palloc0(sizeof(Tree));
	const char *name = relation_name(root);

	load_edges(&tree->edges);
	tree->tables = breadth_first(&tree->edges, make_table(root, name, 0), make_set(root));
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
	TreeTable *root = linitial(tree->tables);
	HTAB	  *seen = make_set(root->relation);
	bool	   found;

	(void) hash_search(seen, &avoided, HASH_ENTER, NULL);
	(void) breadth_first(&tree->edges, root, seen);
	(void) hash_search(seen, &table->relation, HASH_FIND, &found);
	hash_destroy(seen);
	return found;
}
