/*
 * unique_in_gray.c: forms the keys of a unique index of production from gray's rows
 *
 * Values are compared as they are.  So a column whose values change on the way to gray (by
 * gray_map, or to a type that the index's operators don't know) is an obstacle.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_am.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "postgres/definition.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "unique/unique_in_gray.h"

/*
 * Obstacles
 */

static void
obstruct(UniqueIndex *unique, char *obstacle)
{
	unique->obstacle[SIDE_PRODUCTION] = obstacle;
	unique->obstacle[SIDE_GRAY] = obstacle;
}

/* Return the reason why values of a column are not the same on both sides, or null. */
static char *
column_obstacle(const Twin *twin, int attnum)
{
	const Column *column = twin_pair(twin, SIDE_PRODUCTION, attnum);

	if (attnum == 0)
		return "its expressions read the whole row";
	if (column == NULL)
		return psprintf("%s is computed by gray_map",
						quote_identifier(
							get_attname(twin->relation[SIDE_PRODUCTION], attnum, false)));
	if (column->map[SIDE_GRAY] != NULL || column->map[SIDE_PRODUCTION] != NULL)
		return psprintf("%s is computed by gray_map", column->name[SIDE_PRODUCTION]);
	if (column->generated[SIDE_PRODUCTION] != column->generated[SIDE_GRAY])
		return psprintf("%s is a generated column on one side only", column->name[SIDE_PRODUCTION]);
	return NULL;
}

static char *
type_obstacle(const Column *column)
{
	return psprintf("%s is of type %s in production, and of type %s in gray",
					column->name[SIDE_PRODUCTION], format_type_be(column->type[SIDE_PRODUCTION]),
					format_type_be(column->type[SIDE_GRAY]));
}

/*
 * Expressions have the same values on both sides only when their columns have exactly the same
 * types.
 */
static char *
expression_obstacle(const Twin *twin, const IndexInfo *info)
{
	List	 *variables = list_concat(pull_vars_of_level((Node *) info->ii_Expressions, 0),
									  pull_vars_of_level((Node *) info->ii_Predicate, 0));
	ListCell *cell;

	foreach(cell, variables)
	{
		const Column *column = twin_pair(twin, SIDE_PRODUCTION, lfirst_node(Var, cell)->varattno);

		if (column != NULL && (column->type[SIDE_PRODUCTION] != column->type[SIDE_GRAY] ||
							   column->collation[SIDE_PRODUCTION] != column->collation[SIDE_GRAY]))
			return type_obstacle(column);
	}
	return NULL;
}

static char *
value_obstacle(const Twin *twin, const IndexInfo *info)
{
	Bitmapset *columns = unique_index_columns(info);
	int		   attnum = -1;

	while ((attnum = bms_next_member(columns, attnum)) >= 0)
	{
		char *obstacle = column_obstacle(twin, attnum);

		if (obstacle != NULL)
			return obstacle;
	}
	return expression_obstacle(twin, info);
}

/*
 * Forming the keys from gray's columns
 */

static Node *
to_gray(Node *node, void *twin)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, Var))
	{
		Var			 *variable = copyObject((Var *) node);
		const Column *column = twin_pair(twin, SIDE_PRODUCTION, variable->varattno);

		variable->varattno = column->attnum[SIDE_GRAY];
		variable->varattnosyn = variable->varattno;
		variable->vartypmod = column->typmod[SIDE_GRAY];
		return (Node *) variable;
	}
	return expression_tree_mutator(node, to_gray, twin);
}

static IndexInfo *
gray_info(const IndexInfo *production, const Twin *twin)
{
	IndexInfo *info = makeNode(IndexInfo);

	*info = *production;
	for (int i = 0; i < info->ii_NumIndexKeyAttrs; i++)
	{
		AttrNumber attnum = production->ii_IndexAttrNumbers[i];

		if (attnum != 0)
			info->ii_IndexAttrNumbers[i] =
				twin_pair(twin, SIDE_PRODUCTION, attnum)->attnum[SIDE_GRAY];
	}
	info->ii_Expressions =
		(List *) to_gray((Node *) production->ii_Expressions, unconstify(Twin *, twin));
	info->ii_Predicate =
		(List *) to_gray((Node *) production->ii_Predicate, unconstify(Twin *, twin));
	return info;
}

/* Return the type as which the operators of production's index take the values of gray; or 0. */
static Oid
gray_type(const Column *column, Oid family, Oid production_type)
{
	Oid type = getBaseType(column->type[SIDE_GRAY]);

	if (column->type[SIDE_PRODUCTION] == column->type[SIDE_GRAY])
		return production_type;
	if (IsPolymorphicType(production_type))
		return InvalidOid;
	if (OidIsValid(get_opfamily_member(family, production_type, type, BTEqualStrategyNumber)))
		return type;
	return IsBinaryCoercible(type, production_type) ? production_type : InvalidOid;
}

/* Return an obstacle, or null. */
static char *
find_types(UniqueIndex *unique, const Twin *twin, Relation index)
{
	bool partitioned = partition_is_parent(twin->relation[SIDE_PRODUCTION]) ||
					   partition_is_parent(twin->relation[SIDE_GRAY]);

	for (int i = 0; i < unique->key_count; i++)
	{
		AttrNumber	  attnum = index->rd_index->indkey.values[i];
		const Column *column = attnum == 0 ? NULL : twin_pair(twin, SIDE_PRODUCTION, attnum);
		Oid			  type = index->rd_opcintype[i];

		unique->type[SIDE_PRODUCTION][i] = type;
		unique->type[SIDE_GRAY][i] =
			column == NULL ? type : gray_type(column, index->rd_opfamily[i], type);
		/* The partition of a key is found by values of exactly the column's type. */
		if (!OidIsValid(unique->type[SIDE_GRAY][i]) ||
			(partitioned && unique->type[SIDE_GRAY][i] != type))
			return type_obstacle(column);
	}
	return NULL;
}

/*
 * Finding an index by which to search
 */

static bool
same_equality(Oid collation, Oid other)
{
	return collation == other ||
		   (OidIsValid(collation) && OidIsValid(other) &&
			get_collation_isdeterministic(collation) && get_collation_isdeterministic(other));
}

/*
 * True when column i of gray's index compares the same value as column i of production's, in the
 * same way.
 */
static bool
compares_same(const UniqueIndex *unique, Relation index, Relation gray_index, int i)
{
	return gray_index->rd_opfamily[i] == index->rd_opfamily[i] &&
		   same_equality(gray_index->rd_indcollation[i], index->rd_indcollation[i]) &&
		   OidIsValid(get_opfamily_member(gray_index->rd_opfamily[i], gray_index->rd_opcintype[i],
										  unique->type[SIDE_PRODUCTION][i], BTEqualStrategyNumber));
}

static bool
has_same_keys(const UniqueIndex *unique, Relation index, Relation gray_index)
{
	const IndexInfo *info = unique->info[SIDE_GRAY];
	List			*expressions = definition_index_expressions(gray_index);
	ListCell		*wanted = list_head(info->ii_Expressions);
	ListCell		*found = list_head(expressions);

	for (int i = 0; i < unique->key_count; i++)
	{
		AttrNumber attnum = gray_index->rd_index->indkey.values[i];

		if (attnum != info->ii_IndexAttrNumbers[i] || !compares_same(unique, index, gray_index, i))
			return false;
		if (attnum != 0)
			continue;
		if (!equal(lfirst(wanted), lfirst(found)))
			return false;
		wanted = lnext(info->ii_Expressions, wanted);
		found = lnext(expressions, found);
	}
	return equal(definition_index_predicate(gray_index), info->ii_Predicate);
}

static bool
serves(const UniqueIndex *unique, Relation index, Relation gray_index)
{
	Form_pg_index form = gray_index->rd_index;

	/*
	 * A row's partition is found by its key, so the index must contain the partition key, as a
	 * unique one does.
	 */
	if (gray_index->rd_rel->relkind == RELKIND_PARTITIONED_INDEX && !form->indisunique)
		return false;
	return form->indisvalid && gray_index->rd_rel->relam == BTREE_AM_OID &&
		   form->indnkeyatts >= unique->key_count && has_same_keys(unique, index, gray_index);
}

/* Prefer an index that is unique on these keys alone: its name is known to version 2. */
static void
find_index(UniqueIndex *unique, Oid gray, Relation index)
{
	Relation  table = table_open(gray, AccessShareLock);
	ListCell *cell;

	foreach(cell, RelationGetIndexList(table))
	{
		Relation gray_index = index_open(lfirst_oid(cell), AccessShareLock);

		if (!unique->same_in_gray && serves(unique, index, gray_index))
		{
			unique->index[SIDE_GRAY] = RelationGetRelid(gray_index);
			unique->same_in_gray = gray_index->rd_index->indisunique &&
								   gray_index->rd_index->indnkeyatts == unique->key_count;
		}
		index_close(gray_index, NoLock);
	}
	table_close(table, NoLock);
}

void
unique_in_gray_in_gray(UniqueIndex *unique, const Twin *twin, Relation index)
{
	char *obstacle = value_obstacle(twin, unique->info[SIDE_PRODUCTION]);

	if (obstacle == NULL)
		obstacle = find_types(unique, twin, index);
	if (obstacle != NULL)
	{
		obstruct(unique, obstacle);
		return;
	}
	unique->info[SIDE_GRAY] = gray_info(unique->info[SIDE_PRODUCTION], twin);
	find_index(unique, twin->relation[SIDE_GRAY], index);
	if (!OidIsValid(unique->index[SIDE_GRAY]))
		unique->obstacle[SIDE_PRODUCTION] =
			psprintf("%s has no index to find its keys by", twin->table[SIDE_GRAY]);
}
