/*
 * index_plan.c: plans that find a user's rows by indexes, whatever statistics say
 *
 * A statement of a move is planned once for all small users.  Right after tables were
 * loaded, or while gray fills up, statistics are not there yet or of an emptier table:
 * then PostgreSQL would have each move read whole tables.  For a few rows, indexes and
 * nested loops are never far from the best.  Where there is no index for some step,
 * PostgreSQL plans as it likes.
 */
#include "postgres.h"

#include "jit/jit.h"
#include "optimizer/cost.h"
#include "optimizer/planner.h"

#include "index_plan.h"

typedef struct Allowed
{
	bool seqscan;
	bool hashjoin;
	bool mergejoin;
} Allowed;

static planner_hook_type previous_planner;

static PlannedStmt *
plan_freely(Query *query, const char *sql, int options, ParamListInfo params)
{
	if (previous_planner)
		return previous_planner(query, sql, options, params);
	return standard_planner(query, sql, options, params);
}

static Allowed
allow(Allowed allowed)
{
	Allowed before = {enable_seqscan, enable_hashjoin, enable_mergejoin};

	enable_seqscan = allowed.seqscan;
	enable_hashjoin = allowed.hashjoin;
	enable_mergejoin = allowed.mergejoin;
	return before;
}

static PlannedStmt *
plan_within(Allowed allowed, Query *query, const char *sql, int options, ParamListInfo params)
{
	Allowed before = allow(allowed);
	PlannedStmt *volatile plan = NULL;

	PG_TRY();
	{
		plan = plan_freely(query, sql, options, params);
	}
	PG_FINALLY();
	{
		(void) allow(before);
	}
	PG_END_TRY();
	return plan;
}

static bool reads_whole_index(const Plan *plan);

static bool
any_reads_whole_index(const List *plans)
{
	ListCell *cell;

	foreach(cell, plans)
	{
		if (reads_whole_index(lfirst(cell)))
			return true;
	}
	return false;
}

/* In place of a table that it was not to read whole. */
static bool
reads_whole_index(const Plan *plan)
{
	if (plan == NULL)
		return false;
	switch (nodeTag(plan))
	{
		case T_IndexScan:
			return ((const IndexScan *) plan)->indexqual == NIL;
		case T_IndexOnlyScan:
			return ((const IndexOnlyScan *) plan)->indexqual == NIL;
		case T_Append:
			return any_reads_whole_index(((const Append *) plan)->appendplans);
		case T_MergeAppend:
			return any_reads_whole_index(((const MergeAppend *) plan)->mergeplans);
		case T_SubqueryScan:
			return reads_whole_index(((const SubqueryScan *) plan)->subplan);
		default:
			return reads_whole_index(plan->lefttree) || reads_whole_index(plan->righttree);
	}
}

static bool
goes_by_index(const PlannedStmt *plan)
{
	return plan->planTree->total_cost < disable_cost && !reads_whole_index(plan->planTree) &&
		   !any_reads_whole_index(plan->subplans);
}

/* A full join can't be a nested loop. */
static const Allowed by_index[] = {{.hashjoin = false}, {.hashjoin = true}};

static PlannedStmt *
index_planner(Query *query, const char *sql, int options, ParamListInfo params)
{
	for (size_t i = 0; (options & INDEX_PLAN) && i < lengthof(by_index); i++)
	{
		/* The planner changes what it is given. */
		PlannedStmt *plan = plan_within(by_index[i], copyObject(query), sql, options, params);

		if (!goes_by_index(plan))
			continue;
		/* The rows are few, though they may be taken for many. */
		plan->jitFlags = PGJIT_NONE;
		return plan;
	}
	return plan_freely(query, sql, options, params);
}

void
index_plan_init(void)
{
	previous_planner = planner_hook;
	planner_hook = index_planner;
}
