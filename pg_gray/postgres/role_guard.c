/*
 * role_guard.c: guards statements that may touch only tables of the role as which they run
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/planner.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "postgres/role_guard.h"

static planner_hook_type previous_planner;

/* The table without rows to which a foreign key is being added. */
static Oid empty_table;

static bool
is_catalog(Oid relation)
{
	Oid schema = get_rel_namespace(relation);

	return schema == PG_CATALOG_NAMESPACE || schema == get_namespace_oid(CATALOG_SCHEMA, true);
}

static void
refuse_others(Oid relation)
{
	Oid owner;

	if (is_catalog(relation))
		return;
	owner = relation_owner(relation);
	if (owner == GetUserId())
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("relation %s belongs to role %s", relation_name(relation),
					quote_identifier(GetUserNameFromId(owner, false))),
			 errdetail("It can't be used as role %s, since that would run the code of its owner.",
					   quote_identifier(GetUserNameFromId(GetUserId(), false))),
			 errhint(
				 "SELECT * FROM gray_check(); says which owner the tables of a release must have.")));
}

static void
check_relation(Oid relation, bool with_partitions)
{
	ListCell *cell;

	refuse_others(relation);
	if (!with_partitions || !has_subclass(relation))
		return;
	foreach(cell, find_all_inheritors(relation, NoLock, NULL))
		refuse_others(lfirst_oid(cell));
}

/* Views have been replaced by their queries, but are still in the range tables. */
static bool
check_entries(Node *node, void *with_partitions)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		const RangeTblEntry *entry = (RangeTblEntry *) node;

		if (OidIsValid(entry->relid))
			check_relation(entry->relid, *(bool *) with_partitions);
		return false;
	}
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, check_entries, with_partitions,
								 QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, check_entries, with_partitions);
}

/* PostgreSQL's query for rows that violate a key names the referring table first. */
static bool
asks_empty_table(const Query *query)
{
	const RangeTblEntry *first = query->rtable == NIL ? NULL : linitial(query->rtable);

	return OidIsValid(empty_table) && query->commandType == CMD_SELECT && first != NULL &&
		   OidIsValid(first->relid) && partition_root(first->relid) == partition_root(empty_table);
}

/* SELECT WHERE false */
static Query *
make_nothing(const Query *query)
{
	Query *nothing = makeNode(Query);

	nothing->commandType = CMD_SELECT;
	nothing->canSetTag = query->canSetTag;
	nothing->jointree = makeFromExpr(NIL, makeBoolConst(false, false));
	return nothing;
}

static PlannedStmt *
guard_planner(Query *query, const char *sql, int options, ParamListInfo params)
{
	bool with_partitions = options & ROLE_GUARD;

	if (options & (ROLE_GUARD | ROLE_GUARD_ROOT))
		(void) check_entries((Node *) query, &with_partitions);
	else if (asks_empty_table(query))
		query = make_nothing(query);
	if (previous_planner)
		return previous_planner(query, sql, options, params);
	return standard_planner(query, sql, options, params);
}

void
role_guard_set_empty(unsigned int table)
{
	empty_table = table;
}

void
role_guard_init(void)
{
	previous_planner = planner_hook;
	planner_hook = guard_planner;
}
