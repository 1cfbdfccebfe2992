/*
 * check_count.c: counts the rows that meet a condition, without harm to other sessions
 */
#include "postgres.h"

#include <math.h>

#include "access/table.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "nodes/plannodes.h"
#include "storage/bufmgr.h"
#include "utils/plancache.h"
#include "utils/rel.h"

#include "check/check_count.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "postgres/role_guard.h"
#include "postgres/subtransaction.h"

/*
 * Limits in the planner's cost units: for one count, and for all counts together that read every
 * row.  One core does some hundred thousand units a second.
 */
#define COST_MAX 50000.0
#define COST_MAX_ALL 1000000.0

/* The number of pages in a sample. */
#define SAMPLE_PAGES 1000

/*
 * Samples
 */

static uint64
pages_of(Oid relation)
{
	Relation  table = table_open(relation, AccessShareLock);
	uint64	  pages = 0;
	ListCell *cell;

	if (table->rd_rel->relkind == RELKIND_RELATION)
		pages = RelationGetNumberOfBlocks(table);
	table_close(table, AccessShareLock);
	foreach(cell, partition_all(relation))
	{
		if (!partition_is_parent(lfirst_oid(cell)))
			pages += pages_of(lfirst_oid(cell));
	}
	return pages;
}

char *
check_count_sample(unsigned int relation, double *percent)
{
	uint64 pages = pages_of(relation);

	*percent = pages <= SAMPLE_PAGES ? 100.0 : 100.0 * SAMPLE_PAGES / pages;
	if (*percent == 100.0)
		return "";
	return psprintf(" TABLESAMPLE SYSTEM (%.6f) REPEATABLE (1)", *percent);
}

/*
 * Counting
 */

static char *
statement(const CountQuery *query, const char *sample)
{
	if (query->head != NULL)
		return psprintf("%s FROM %s %s%s %s", query->head, relation_name(query->relation),
						query->alias, sample, query->rest);
	return psprintf("SELECT count(*), %s, %s FROM %s %s%s %s",
					query->users == NULL ? "NULL" : psprintf("count(DISTINCT %s)", query->users),
					query->example == NULL ? "NULL" : psprintf("min(%s)", query->example),
					relation_name(query->relation), query->alias, sample, query->rest);
}

static double
planned_cost(const char *sql)
{
	MemoryContext context = CurrentMemoryContext;
	SPIPlanPtr	  plan = SPI_prepare_cursor(sql, 0, NULL, ROLE_GUARD);
	CachedPlan	 *cached;
	double		  cost;

	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));
	cached = SPI_plan_get_cached_plan(plan);
	cost = linitial_node(PlannedStmt, cached->stmt_list)->planTree->total_cost;
	ReleaseCachedPlan(cached, NULL);
	SPI_freeplan(plan);
	MemoryContextSwitchTo(context);
	return cost;
}

static void
run(RowCount *count, const CountQuery *query, const char *sql, double percent)
{
	query_run(sql, NULL);
	count->known = true;
	count->rows = query_count(0, 1);
	count->users = query_count(0, 2);
	count->example = query_text(0, 3);
	if (percent == 100.0)
		return;
	count->is_least = query->head != NULL;
	count->is_estimate = query->head == NULL;
	if (count->is_estimate)
		count->rows = (uint64) rint(count->rows * 100.0 / percent);
}

static void
find_one(RowCount *count, const CountQuery *query)
{
	char *sql = psprintf("SELECT %s FROM %s %s %s LIMIT 1",
						 query->example == NULL ? "NULL" : query->example,
						 relation_name(query->relation), query->alias, query->rest);

	if (planned_cost(sql) > COST_MAX || query_run(sql, NULL) == 0)
		return;
	count->is_least = true;
	count->rows = 1;
	count->users = query->users == NULL ? 0 : 1;
	count->example = query_text(0, 1);
}

/* One count in progress, the argument of run_all_or_sample. */
typedef struct Count
{
	Counting		 *counting;
	const CountQuery *query;
	RowCount		  result;
} Count;

static void
run_all_or_sample(void *arg)
{
	Count *count = arg;
	char  *all = statement(count->query, "");
	double cost = planned_cost(all);
	double percent;
	char  *sample;

	if (cost <= COST_MAX && count->counting->spent + cost <= COST_MAX_ALL)
	{
		count->counting->spent += cost;
		run(&count->result, count->query, all, 100.0);
		return;
	}
	sample = statement(count->query, check_count_sample(count->query->relation, &percent));
	if (planned_cost(sample) <= COST_MAX)
		run(&count->result, count->query, sample, percent);
	if (count->result.rows == 0 && count->query->head == NULL)
		find_one(&count->result, count->query);
}

RowCount
check_count(Counting *counting, const CountQuery *query)
{
	Count	   count = {counting, query, {0}};
	RoleSwitch before;
	ErrorData *error;

	role_become(&before, counting->role);
	role_pin_formats(counting->formats);
	error = subtransaction_read(run_all_or_sample, &count);
	role_return(&before);
	if (error != NULL)
		count.result = (RowCount){.error = error->message};
	return count.result;
}

/* One stream of rows, the argument of stream_all_or_sample. */
typedef struct Stream
{
	Counting			 *counting;
	const CountQuery	 *query;
	struct _DestReceiver *receiver;
	bool				  known;
	bool				  is_sample;
} Stream;

static bool
stream_cheap(Stream *stream, const char *sql)
{
	QueryArgs none = {0};
	double	  cost = planned_cost(sql);

	if (cost > COST_MAX || stream->counting->spent + cost > COST_MAX_ALL)
		return false;
	stream->counting->spent += cost;
	query_stream(query_prepare_without_rules(sql, &none, InvalidOid), &none, stream->receiver);
	return true;
}

static void
stream_all_or_sample(void *arg)
{
	Stream *stream = arg;
	double	percent;

	stream->known = stream_cheap(stream, statement(stream->query, ""));
	if (stream->known)
		return;
	stream->known =
		stream_cheap(stream, statement(stream->query,
									   check_count_sample(stream->query->relation, &percent)));
	stream->is_sample = stream->known && percent < 100.0;
}

bool
check_count_stream(Counting *counting, const CountQuery *query, struct _DestReceiver *receiver,
				   bool *is_sample)
{
	Stream	   stream = {counting, query, receiver, false, false};
	RoleSwitch before;
	ErrorData *error;

	role_become(&before, counting->role);
	role_pin_formats(counting->formats);
	error = subtransaction_read(stream_all_or_sample, &stream);
	role_return(&before);
	*is_sample = stream.is_sample;
	return error == NULL && stream.known;
}

/*
 * Counts as texts
 */

bool
check_count_any(const RowCount *count)
{
	return count->rows > 0;
}

/* Round an estimate to two significant digits, since it is no more precise. */
static uint64
rounded(uint64 number)
{
	uint64 unit = 1;

	while (number / unit >= 100)
		unit *= 10;
	return (number + unit / 2) / unit * unit;
}

char *
check_count_rows(const RowCount *count)
{
	if (count->error != NULL)
		return psprintf("rows that could not be counted (%s)", count->error);
	if (!count->known && !count->is_least)
		return "rows that were not counted";
	if ((count->is_estimate || count->is_least) && count->rows == 0)
		return "no rows of a sample";
	return psprintf("%s" UINT64_FORMAT " row%s",
					count->is_least		 ? "at least "
					: count->is_estimate ? "about "
										 : "",
					count->is_estimate && !count->is_least ? rounded(count->rows) : count->rows,
					count->rows == 1 ? "" : "s");
}

char *
check_count_users(const RowCount *count)
{
	return psprintf("%s" UINT64_FORMAT " user%s",
					count->is_estimate || count->is_least ? "at least " : "", count->users,
					count->users == 1 ? "" : "s");
}
