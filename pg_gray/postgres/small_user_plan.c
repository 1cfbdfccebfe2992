/*
 * small_user_plan.c: makes plans that find a user's rows by indexes, whatever the statistics say
 *
 * A statement of a move is planned once for all small users.  PostgreSQL's statistics of the
 * tables say little about these users: there are none yet right after a load, they are those of an
 * emptier table while gray fills up, and those of an empty table when VACUUM ran between two
 * users.  So these plans are made without statistics (planner_statistics.h), and with PostgreSQL's
 * default planner settings: then they depend only on the tables' definitions.  Every index that
 * leads to the rows is used.  When an index is missing for a step, the step's table is read once
 * in the statement, and not once for each row.
 *
 * Statements that are planned meanwhile, by functions that the planner calls, are planned as
 * usual.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "jit/jit.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/planmain.h"
#include "optimizer/planner.h"
#include "utils/plancache.h"

#include "postgres/small_user_plan.h"

static planner_hook_type previous_planner;

/* The user for whom the next statement with SMALL_USER_PLAN is planned; null: any small user. */
static const LargeUser *large_user;

/*
 * Settings
 *
 * For each planner setting, `other` holds our value, or the session's value while the planner uses
 * ours.  Our values are PostgreSQL's defaults with two exceptions.  Materialize and Memoize are
 * off: rows that are put aside for a nested loop look cheap when they are assumed to be few.  And
 * all pages of a small user cost the same.
 */

static struct
{
	bool *setting;
	bool  other;
} switches[] = {
	{&enable_seqscan, true},	{&enable_indexscan, true},		   {&enable_indexonlyscan, true},
	{&enable_bitmapscan, true}, {&enable_tidscan, true},		   {&enable_sort, true},
	{&enable_hashagg, true},	{&enable_nestloop, true},		   {&enable_hashjoin, true},
	{&enable_mergejoin, true},	{&enable_material, false},		   {&enable_memoize, false},
	{&enable_geqo, true},		{&enable_partition_pruning, true},
};

static struct
{
	double *setting;
	double	other;
} costs[] = {
	{&seq_page_cost, DEFAULT_RANDOM_PAGE_COST},
	{&random_page_cost, DEFAULT_RANDOM_PAGE_COST},
	{&cpu_tuple_cost, DEFAULT_CPU_TUPLE_COST},
	{&cpu_index_tuple_cost, DEFAULT_CPU_INDEX_TUPLE_COST},
	{&cpu_operator_cost, DEFAULT_CPU_OPERATOR_COST},
};

static struct
{
	int *setting;
	int	 other;
} limits[] = {
	{&effective_cache_size, DEFAULT_EFFECTIVE_CACHE_SIZE},
	{&from_collapse_limit, 8},
	{&join_collapse_limit, 8},
};

#define EXCHANGE(table, type) \
	for (size_t i = 0; i < lengthof(table); i++) \
	{ \
		type before = *(table)[i].setting; \
\
		*(table)[i].setting = (table)[i].other; \
		(table)[i].other = before; \
	}

/*
 * Exchange the session's settings for those that go with the assumed statistics, or back.  For a
 * large user, the server's own cost settings count.
 */
static void
exchange_settings(const PlannerStatistics *assumed)
{
	if (assumed == NULL)
		return;
	EXCHANGE(switches, bool);
	if (assumed->large != NULL)
		return;
	EXCHANGE(costs, double);
	EXCHANGE(limits, int);
}

static void
change_statistics(const PlannerStatistics *before, const PlannerStatistics *after)
{
	exchange_settings(before);
	exchange_settings(after);
	planner_statistics_set(after);
}

/*
 * Planning
 */

static PlannedStmt *
plan_freely(Query *query, const char *sql, int options, ParamListInfo params)
{
	if (previous_planner)
		return previous_planner(query, sql, options, params);
	return standard_planner(query, sql, options, params);
}

/* Plan with other statistics assumed, or (null) without any. */
static PlannedStmt *
plan_believing(const PlannerStatistics *wanted, Query *query, const char *sql, int options,
			   ParamListInfo params)
{
	const PlannerStatistics *before = planner_statistics_now();
	PlannedStmt *volatile plan = NULL;

	change_statistics(before, wanted);
	PG_TRY();
	{
		plan = plan_freely(query, sql, options, params);
	}
	PG_FINALLY();
	{
		change_statistics(wanted, before);
	}
	PG_END_TRY();
	return plan;
}

/* Plan without parameter values: those of one user would not be right for another. */
static PlannedStmt *
index_planner(Query *query, const char *sql, int options, ParamListInfo params)
{
	bool			  is_nested = planner_statistics_now() != NULL;
	PlannerStatistics wanted = {is_nested ? NULL : large_user};
	PlannedStmt		 *plan;

	if (!(options & SMALL_USER_PLAN))
		return is_nested ? plan_believing(NULL, query, sql, options, params)
						 : plan_freely(query, sql, options, params);
	plan = plan_believing(&wanted, query, sql, options, NULL);
	plan->jitFlags = PGJIT_NONE;
	return plan;
}

void
small_user_plan_make(struct _SPI_plan *plan, const LargeUser *user)
{
	CachedPlan *made;

	large_user = user;
	PG_TRY();
	{
		made = SPI_plan_get_cached_plan(plan);
		if (made != NULL)
			ReleaseCachedPlan(made, NULL);
	}
	PG_FINALLY();
	{
		large_user = NULL;
	}
	PG_END_TRY();
}

void
small_user_plan_init(void)
{
	previous_planner = planner_hook;
	planner_hook = index_planner;
	planner_statistics_init();
}
