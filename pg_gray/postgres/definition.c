/*
 * definition.c: computes facts about a table's definition as the table's owner
 *
 * A result that the session has computed already is only copied, which needs no other role.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/index.h"
#include "catalog/pg_index.h"
#include "partitioning/partdesc.h"
#include "utils/partcache.h"
#include "utils/rel.h"

#include "postgres/definition.h"
#include "postgres/role.h"

typedef void *(*Ask)(Relation relation);

static void *
ask_as_owner(Relation relation, Ask ask)
{
	RoleSwitch before;
	void	  *answer;

	role_become(&before, relation->rd_rel->relowner);
	answer = ask(relation);
	role_return(&before);
	return answer;
}

/*
 * Indexes
 */

static bool
has_code(Relation index)
{
	return !heap_attisnull(index->rd_indextuple, Anum_pg_index_indexprs, NULL) ||
		   !heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL);
}

static void *
ask_index(Relation index, Ask ask)
{
	return has_code(index) ? ask_as_owner(index, ask) : ask(index);
}

static void *
expressions(Relation index)
{
	return RelationGetIndexExpressions(index);
}

static void *
predicate(Relation index)
{
	return RelationGetIndexPredicate(index);
}

static void *
info(Relation index)
{
	return BuildIndexInfo(index);
}

List *
definition_index_expressions(Relation index)
{
	return ask_index(index, expressions);
}

List *
definition_index_predicate(Relation index)
{
	return ask_index(index, predicate);
}

IndexInfo *
definition_index_info(Relation index)
{
	return ask_index(index, info);
}

/*
 * Partition keys
 */

static void *
ask_partitioned(Relation table, Ask ask)
{
	return table->rd_partkey == NULL ? ask_as_owner(table, ask) : ask(table);
}

static void *
key(Relation table)
{
	return RelationGetPartitionKey(table);
}

/* The bounds are compared by the partition key, which is loaded first. */
static void *
partitions(Relation table)
{
	return RelationGetPartitionDesc(table, true);
}

PartitionKey
definition_partition_key(Relation table)
{
	return ask_partitioned(table, key);
}

PartitionDesc
definition_partition_desc(Relation table)
{
	return ask_partitioned(table, partitions);
}
