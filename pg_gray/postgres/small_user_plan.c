/*
 * small_user_plan.c: plans that find a user's rows by indexes, whatever statistics say
 *
 * A statement of a move is planned once for all small users.  What PostgreSQL knows of
 * the tables says little about them: it has no statistics yet right after a load, those of
 * an emptier table while gray fills up, and of an empty one when VACUUM came by between two
 * users.  So these plans are made without (planner_statistics.h), and with PostgreSQL's own settings
 * of the planner: then they depend on nothing but the tables' definitions.  Every index
 * that leads to the rows is used; where one is missing for some step, its table is read
 * once in the statement, and not once for each row.
 *
 * Statements that are planned meanwhile by functions which the planner calls are left alone.
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

/* For whom the next statement with SMALL_USER_PLAN is planned; null: any small user. */
static const LargeUser *large_user;

/*
 * Settings
 *
 * Of each that the planner goes by, in `other`: ours, or the session's while the planner has
 * ours.  They are PostgreSQL's own, but rows that are put aside for a nested loop look
 * cheap when they are taken for few; and no page of a small user is nearer than another.
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

/* The session's settings that go with the assumed statistics, or back.  What a large user costs, the server says. */
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

/* With other statistics assumed, or (null) without any. */
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

/* Without values: those of one user would not do for another. */
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
