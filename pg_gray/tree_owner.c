/*
 * tree_owner.c: how each table of a tree leads to its uid
 *
 * Where several foreign keys lead there, a column that holds the uid goes
 * before a path, and the path to the table nearest to the root before others:
 * but only if it says so for every row.  One that may be null next to another
 * ("refunded_by" next to "order_id") could mean anything, and people are asked.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_attribute.h"
#include "utils/syscache.h"

#include "owner_path.h"
#include "tree_owner.h"

static bool
is_not_null(Oid relation, AttrNumber attnum)
{
	HeapTuple tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation), Int16GetDatum(attnum));
	bool	  not_null;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for attribute %d of relation %u", attnum, relation);
	not_null = ((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull;
	ReleaseSysCache(tuple);
	return not_null;
}

/* Whether every row has an owner by this path. */
static bool
owns_every_row(const OwnerPath *path)
{
	if (path->uid_attnum != 0)
		return is_not_null(path->table, path->uid_attnum);
	for (int i = 0; i < path->count; i++)
	{
		if (!is_not_null(path->table, path->attnums[i]))
			return false;
	}
	return true;
}

/* Smaller goes before greater; a table beside the tree counts as a root. */
static int
rank(const Tree *tree, const OwnerPath *path)
{
	const TreeTable *parent = tree_table(tree, path->parent);

	if (path->uid_attnum != 0)
		return -1;
	return parent == NULL ? 0 : parent->distance;
}

/* The one answer, or null. */
static OwnerPath *
choose(const Tree *tree, const List *candidates)
{
	OwnerPath *first = NULL;
	bool	   tied = false;
	ListCell  *cell;

	if (list_length(candidates) == 1)
		return linitial(candidates);
	foreach(cell, candidates)
	{
		OwnerPath *path = lfirst(cell);
		int		   difference = first == NULL ? -1 : rank(tree, path) - rank(tree, first);

		if (difference < 0)
			first = path;
		tied = difference == 0 || (difference > 0 && tied);
	}
	return first != NULL && !tied && owns_every_row(first) ? first : NULL;
}

/* Without those that lead to a table which itself leads to the root only through this one. */
static List *
without_circles(const Tree *tree, const TreeTable *table, const List *candidates)
{
	List	 *straight = NIL;
	ListCell *cell;

	foreach(cell, candidates)
	{
		OwnerPath		*path = lfirst(cell);
		const TreeTable *parent = tree_table(tree, path->parent);

		if (parent == NULL || parent->distance < table->distance ||
			tree_leads_past(tree, parent, table->relation))
			straight = lappend(straight, path);
	}
	return straight;
}

/* Every table that others may lead to; of those without an owner yet no more than that. */
static List *
all_known(const Tree *tree, List *registered)
{
	List	 *known = list_copy(registered);
	ListCell *cell;

	foreach(cell, tree->tables)
	{
		const TreeTable *table = lfirst(cell);
		OwnerPath		*unknown;

		if (owner_path_find(registered, table->relation) != NULL)
			continue;
		unknown = palloc0(sizeof(OwnerPath));
		unknown->table = table->relation;
		known = lappend(known, unknown);
	}
	return known;
}

static void
assign(const Tree *tree, TreeTable *table, List *known, List *registered)
{
	table->candidates = without_circles(tree, table, owner_path_candidates(table->relation, known));
	table->owner = owner_path_find(registered, table->relation);
	if (table->owner == NULL)
		table->owner = choose(tree, table->candidates);
}

/* In two rounds: in the first, it is not known yet which column of a later table holds its uid. */
void
tree_owner_assign(Tree *tree, List *registered, OwnerPath *root)
{
	List *known = all_known(tree, registered);

	for (int round = 0; round < 2; round++)
	{
		ListCell *cell;

		foreach(cell, tree->tables)
		{
			TreeTable *table = lfirst(cell);

			if (table->distance == 0)
				table->owner = root;
			else
				assign(tree, table, known, registered);
			if (table->owner != NULL)
				*owner_path_find(known, table->relation) = *table->owner;
		}
	}
}
