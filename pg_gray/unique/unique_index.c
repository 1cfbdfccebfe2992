/*
 * unique_index.c: describes a unique index of production, and the same keys in gray
 *
 * Only keys that are unique in production are unique across both sides: version 2 may require more
 * of its own rows, but not of production's rows.
 *
 *   keys       as production's index forms them, and as gray's columns form the same keys
 *   possible   can rows of two users have one key at all?
 *   wanted     possible, and no sequence makes the keys; or as gray_set_unique says
 *   obstacles  reasons why a row of one side can't be compared with the other's
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/index.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "postgres/definition.h"
#include "postgres/relation.h"
#include "release/registry.h"
#include "release/release.h"
#include "unique/unique_in_gray.h"
#include "unique/unique_index.h"

/* Return the columns of the expressions only, numbered as pull_varattnos numbers them. */
static Bitmapset *
expression_columns(const IndexInfo *info)
{
	Bitmapset *columns = NULL;

	pull_varattnos((Node *) info->ii_Expressions, 1, &columns);
	pull_varattnos((Node *) info->ii_Predicate, 1, &columns);
	return columns;
}

static Bitmapset *
numbered_from_one(Bitmapset *columns)
{
	Bitmapset *result = NULL;
	int		   member = -1;

	while ((member = bms_next_member(columns, member)) >= 0)
		result = bms_add_member(result, Max(member + FirstLowInvalidHeapAttributeNumber, 0));
	return result;
}

/* Attribute 0 stands for the whole row, and for system columns. */
Bitmapset *
unique_index_columns(const IndexInfo *info)
{
	Bitmapset *columns = numbered_from_one(expression_columns(info));

	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
	{
		if (info->ii_IndexAttrNumbers[i] != 0)
			columns = bms_add_member(columns, info->ii_IndexAttrNumbers[i]);
	}
	return columns;
}

/*
 * Whether a clash is possible
 */

static bool
has_key_column(const IndexInfo *info, AttrNumber attnum)
{
	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
	{
		if (info->ii_IndexAttrNumbers[i] == attnum)
			return true;
	}
	return false;
}

/*
 * True when the keys contain the columns that lead to the user, so that the keys of two users
 * differ.
 */
static bool
leads_to_user(const IndexInfo *info, const Twin *twin)
{
	if (twin->uid_column != NULL)
		return has_key_column(info, twin->uid_column->attnum[SIDE_PRODUCTION]);
	for (int i = 0; i < twin->path_count; i++)
	{
		if (!has_key_column(info, twin->path_columns[i]->attnum[SIDE_PRODUCTION]))
			return false;
	}
	return true;
}

/* A column that is lost on the way to gray, and so makes no key there; or null. */
static const Column *
lone_column(const IndexInfo *info, const Twin *twin)
{
	Bitmapset *columns = unique_index_columns(info);
	int		   attnum = 0;

	while ((attnum = bms_next_member(columns, attnum)) > 0)
	{
		const Column *column = twin_column(twin, SIDE_PRODUCTION, attnum);

		if (column != NULL && !column_is_pair(column) && column->map[SIDE_PRODUCTION] == NULL)
			return column;
	}
	return NULL;
}

static bool
draws_from_sequence(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, NextValueExpr) ||
		(IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == F_NEXTVAL))
		return true;
	return expression_tree_walker(node, draws_from_sequence, context);
}

/* Return a key column whose default is a number that no other row gets; or 0. */
static AttrNumber
sequence_column(const IndexInfo *info, Relation table)
{
	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
	{
		AttrNumber attnum = info->ii_IndexAttrNumbers[i];

		if (attnum != 0 && draws_from_sequence(build_column_default(table, attnum), NULL))
			return attnum;
	}
	return InvalidAttrNumber;
}

static void
decide(UniqueIndex *unique, bool wanted, char *reason)
{
	unique->wanted = wanted;
	unique->reason = reason;
}

static void
decide_by_default(UniqueIndex *unique, Relation table)
{
	AttrNumber attnum = sequence_column(unique->info[SIDE_PRODUCTION], table);

	if (attnum != InvalidAttrNumber)
		decide(unique, false,
			   psprintf("%s is drawn from a sequence; gray_set_unique switches it on",
						quote_identifier(
							NameStr(TupleDescAttr(RelationGetDescr(table), attnum - 1)->attname))));
	else
		decide(unique, true, "by default");
}

static bool
load_choice(const Release *release, Oid index, bool *choice)
{
	RegistryKey keys[] = {{"release_id", Int32GetDatum(release->id)},
						  {"production_index", CStringGetTextDatum(relation_name(index))}};
	Registry	row = registry_begin("unique_choice", "unique_choice_pkey", keys, 2);
	bool		found = registry_next(&row);

	if (found)
		*choice = registry_bool(&row, "is_checked");
	registry_end(&row);
	return found;
}

static void
find_wanted(UniqueIndex *unique, const Release *release, const Twin *twin, Relation table)
{
	const IndexInfo *info = unique->info[SIDE_PRODUCTION];
	const Column	*lone = lone_column(info, twin);
	bool			 choice;

	if (leads_to_user(info, twin))
		decide(unique, false, "the keys of two users differ: they contain what leads to the user");
	else if (lone != NULL)
		decide(unique, false, psprintf("%s has no twin", lone->name[SIDE_PRODUCTION]));
	else if (load_choice(release, unique->index[SIDE_PRODUCTION], &choice))
		decide(unique, choice, choice ? "switched on" : "switched off");
	else
		decide_by_default(unique, table);
}

/*
 * Loading
 */

static void
load_index(UniqueIndex *unique, Relation index)
{
	IndexInfo *info = definition_index_info(index);

	/* Columns that are only included are not part of the key. */
	info->ii_NumIndexAttrs = info->ii_NumIndexKeyAttrs;
	unique->index[SIDE_PRODUCTION] = RelationGetRelid(index);
	unique->info[SIDE_PRODUCTION] = info;
	unique->key_count = info->ii_NumIndexKeyAttrs;
}

UniqueIndex *
unique_index_load(const Release *release, const Twin *twin, int *count)
{
	Relation	 table = table_open(twin->relation[SIDE_PRODUCTION], AccessShareLock);
	List		*indexes = RelationGetIndexList(table);
	UniqueIndex *uniques = palloc0(sizeof(UniqueIndex) * Max(list_length(indexes), 1));
	ListCell	*cell;

	*count = 0;
	foreach(cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index->rd_index->indisunique && index->rd_index->indisvalid)
		{
			UniqueIndex *unique = &uniques[(*count)++];

			load_index(unique, index);
			find_wanted(unique, release, twin, table);
			unique_in_gray_in_gray(unique, twin, index);
		}
		index_close(index, NoLock);
	}
	table_close(table, NoLock);
	return uniques;
}

bool
unique_index_checks(const UniqueIndex *unique, Side side)
{
	return unique->wanted && unique->obstacle[side] == NULL;
}
