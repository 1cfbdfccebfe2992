/*
 * tree.c: a table and all tables that lead to it by foreign keys
 *
 * Breadth first from the root.  A table's owner path leads to a table nearer
 * to the root, or to one that was cloned without leading there.
 */
#include "postgres.h"

#include "catalog/pg_attribute.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/builtins.h"
#include "access/htup_details.h"

#include "owner_path.h"
#include "query.h"
#include "tree.h"

/* Foreign keys of the database, ordered by the table they lead to. */
typedef struct Edges
{
	int			count;
	Oid		   *to;
	Oid		   *from;
	char	  **from_name;
} Edges;

static void
load_edges(Edges *edges)
{
	edges->count = query_run("SELECT DISTINCT k.confrelid::text, k.conrelid::text,"
							 " format('%I.%I', n.nspname, c.relname), k.confrelid"
							 " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid"
							 " JOIN pg_namespace n ON n.oid = c.relnamespace"
							 " WHERE k.contype = 'f' AND NOT c.relispartition"
							 " AND c.relpersistence <> 't'"
							 " AND n.nspname <> 'gray'"
							 " AND n.nspname NOT IN (SELECT gray_schema FROM gray.release)"
							 " ORDER BY k.confrelid", NULL);
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
first_edge(const Edges *edges, Oid to)
{
	int			low = 0;
	int			high = edges->count;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

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
	TreeTable  *table = palloc0(sizeof(TreeTable));

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
next_level(const Edges *edges, const List *level, HTAB *seen)
{
	List	   *next = NIL;
	ListCell   *cell;

	foreach(cell, level)
	{
		const TreeTable *table = lfirst(cell);

		for (int i = first_edge(edges, table->relation);
			 i < edges->count && edges->to[i] == table->relation; i++)
		{
			bool		found;

			(void) hash_search(seen, &edges->from[i], HASH_ENTER, &found);
			if (!found)
				next = lappend(next, make_table(edges->from[i], edges->from_name[i],
												table->distance + 1));
		}
	}
	list_sort(next, compare_names);
	return next;
}

List *
tree_find(unsigned int root)
{
	HASHCTL		control = {.keysize = sizeof(Oid), .entrysize = sizeof(Oid), .hcxt = CurrentMemoryContext};
	HTAB	   *seen = hash_create("tables of a tree", 64, &control,
								   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	const char *name = quote_qualified_identifier(get_namespace_name(get_rel_namespace(root)),
												  get_rel_name(root));
	List	   *level = list_make1(make_table(root, name, 0));
	List	   *tree = NIL;
	Edges		edges;

	load_edges(&edges);
	(void) hash_search(seen, &root, HASH_ENTER, NULL);
	while (level != NIL)
	{
		tree = list_concat(tree, level);
		level = next_level(&edges, level, seen);
	}
	return tree;
}

/*
 * Owners
 */

static bool
is_not_null(Oid relation, AttrNumber attnum)
{
	HeapTuple	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation),
										Int16GetDatum(attnum));
	bool		not_null;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for attribute %d of relation %u", attnum, relation);
	not_null = ((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull;
	ReleaseSysCache(tuple);
	return not_null;
}

/*
 * The one answer, or null: the only candidate, or the only column that holds
 * the uid of every row.  One that may be null next to another path could mean
 * anything ("refunded_by"), and people are asked.
 */
static OwnerPath *
choose(const List *candidates)
{
	OwnerPath  *direct = NULL;
	ListCell   *cell;

	if (list_length(candidates) == 1)
		return linitial(candidates);
	foreach(cell, candidates)
	{
		OwnerPath  *path = lfirst(cell);

		if (path->uid_attnum == 0)
			continue;
		if (direct != NULL)
			return NULL;
		direct = path;
	}
	if (direct != NULL && is_not_null(direct->table, direct->uid_attnum))
		return direct;
	return NULL;
}

/* The registered owner paths of tables that are not in the tree. */
static List *
beside_the_tree(const List *registered, const List *tree)
{
	List	   *beside = NIL;
	ListCell   *cell;

	foreach(cell, registered)
	{
		OwnerPath  *path = lfirst(cell);
		bool		found = false;
		ListCell   *table;

		foreach(table, tree)
			found = found || ((TreeTable *) lfirst(table))->relation == path->table;
		if (!found)
			beside = lappend(beside, path);
	}
	return beside;
}

static void
assign_owner(TreeTable *table, const List *known, const List *registered, OwnerPath *root)
{
	if (table->distance == 0)
	{
		table->owner = root;
		return;
	}
	table->candidates = owner_path_candidates(table->relation, known);
	table->owner = owner_path_find(registered, table->relation);
	if (table->owner == NULL)
		table->owner = choose(table->candidates);
}

/* A table whose owner is still to be chosen: others lead through it all the same. */
static OwnerPath *
as_known(const TreeTable *table)
{
	OwnerPath  *unknown;

	if (table->owner != NULL)
		return table->owner;
	unknown = palloc0(sizeof(OwnerPath));
	unknown->table = table->relation;
	return unknown;
}

void
tree_assign_owners(List *tree, List *registered, OwnerPath *root)
{
	List	   *known = beside_the_tree(registered, tree);
	List	   *level = NIL;
	int			distance = 0;
	ListCell   *cell;

	foreach(cell, tree)
	{
		TreeTable  *table = lfirst(cell);

		if (table->distance > distance)
		{
			known = list_concat(known, level);
			level = NIL;
			distance = table->distance;
		}
		assign_owner(table, known, registered, root);
		level = lappend(level, as_known(table));
	}
}
