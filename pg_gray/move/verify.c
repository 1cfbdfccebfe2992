/*
 * verify.c: compares a user's rows on both sides
 *
 * All tables are read under one snapshot: a move, or a transaction of the application, is seen in
 * all of them or in none.  A row differs when a way home would write it.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/snapmgr.h"

#include "move/home_keyless.h"
#include "move/mapping.h"
#include "postgres/query.h"
#include "release/ownership.h"
#include "release/release.h"
#include "release/twin_difference.h"
#include "release/twin_load.h"
#include "release/twin_sql.h"
#include "user/call.h"
#include "user/stay.h"
#include "user/uid.h"

PG_FUNCTION_INFO_V1(gray_verify);

/*
 * Name of a column with the number of a row among the rows of its side with the same key; a number
 * above 1 is a defect.  The name must not be one of the table's own columns.
 */
#define NUMBER "\"pg_gray: number\""

/*
 * Tables with a key
 */

static void
append_key(StringInfo sql, const Twin *twin, Side side)
{
	for (int i = 0; i < twin->key_count; i++)
		appendStringInfo(sql, "%s%s.%s", i == 0 ? "" : ", ", twin_sql_alias(side),
						 twin->key_columns[i]->name[side]);
}

/* Append the rows of one side, in a subquery with that side's alias. */
static void
append_rows(StringInfo sql, const Twin *twin, Side side)
{
	const char *alias = twin_sql_alias(side);

	appendStringInfo(sql, "(SELECT %s.*, row_number() OVER (PARTITION BY ", alias);
	append_key(sql, twin, side);
	appendStringInfo(sql, ") AS " NUMBER " FROM %s %s WHERE ", twin->table[side], alias);
	twin_sql_owned(sql, twin, side, alias);
	appendStringInfo(sql, ") %s", alias);
}

/* Append the rows of both sides that are each other's twin. */
static void
append_twins(StringInfo sql, const Twin *twin)
{
	append_rows(sql, twin, SIDE_PRODUCTION);
	appendStringInfoString(sql, " JOIN ");
	append_rows(sql, twin, SIDE_GRAY);
	appendStringInfoString(sql, " ON p." NUMBER " = g." NUMBER " AND ");
	twin_sql_same_key(sql, twin);
}

static void
append_count(StringInfo sql, const Twin *twin, Side side)
{
	const char *alias = twin_sql_alias(side);

	appendStringInfo(sql, "(SELECT count(*) AS n FROM %s %s WHERE ", twin->table[side], alias);
	twin_sql_owned(sql, twin, side, alias);
	appendStringInfo(sql, ") %s", alias);
}

/*
 * The rows that differ are counted by counting the equal ones.  Equality is a condition of the
 * join, so no joined row has the columns of both sides, which may be more than PostgreSQL allows.
 */
static void
append_compare_by_key(StringInfo sql, const Twin *twin)
{
	appendStringInfoString(sql,
						   "SELECT p.n::text, g.n::text, (p.n + g.n - twins.n - same.n)::text FROM ");
	append_count(sql, twin, SIDE_PRODUCTION);
	appendStringInfoString(sql, ", ");
	append_count(sql, twin, SIDE_GRAY);
	appendStringInfoString(sql, ", (SELECT count(*) AS n FROM ");
	append_twins(sql, twin);
	appendStringInfoString(sql, ") twins, (SELECT count(*) AS n FROM ");
	append_twins(sql, twin);
	appendStringInfoString(sql, " WHERE NOT ");
	twin_difference_append(sql, twin);
	appendStringInfoString(sql, ") same");
}

/*
 * Tables without a key
 */

/* `altered` may be null. */
static void
append_compare_contents(StringInfo sql, const Twin *twin, const Altered *altered)
{
	StringInfoData merged;

	initStringInfo(&merged);
	if (altered == NULL || !multiset_append_merged_count(&merged, twin, altered))
		appendStringInfoChar(&merged, '0');
	appendStringInfo(sql,
					 "SELECT coalesce(sum(p), 0)::text, coalesce(sum(g), 0)::text,"
					 " (coalesce(sum(abs(p - g)), 0) + (%s))::text FROM (SELECT"
					 " count(*) FILTER (WHERE side = %d) AS p, count(*) FILTER (WHERE side = %d) AS g FROM (",
					 merged.data, SIDE_PRODUCTION, SIDE_GRAY);
	multiset_append_rows(sql, twin, altered, 0);
	appendStringInfoString(sql, ") AS r GROUP BY content) AS counted");
}

static void
put_comparison(FunctionCallInfo fcinfo, const Twin *twin, const Altered *altered,
			   const QueryArgs *args)
{
	StringInfoData sql;
	const char	  *values[4] = {twin->table[SIDE_PRODUCTION]};

	initStringInfo(&sql);
	if (twin->key_count > 0)
		append_compare_by_key(&sql, twin);
	else
		append_compare_contents(&sql, twin, altered);
	query_read(sql.data, args);
	for (int column = 1; column <= 3; column++)
		values[column] = query_text(0, column);
	rows_put(fcinfo, values);
}

static void
put_comparisons(FunctionCallInfo fcinfo, const TwinSet *set, const Stay *stay, const QueryArgs *args)
{
	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];
		Altered		altered;
		bool		is_altered = stay_find_altered(&altered, stay, i, twin);

		put_comparison(fcinfo, twin, is_altered ? &altered : NULL, args);
	}
}

/* The snapshot is taken when the tables have been loaded, and so locked. */
Datum
gray_verify(PG_FUNCTION_ARGS)
{
	UserCall   call;
	RoleSwitch before;
	TwinSet	  *set;
	Stay	  *stay;
	QueryArgs  args = {0};

	rows_begin(fcinfo);
	call_begin_user(&call, fcinfo);
	role_pin_formats(&call.release->formats);
	set = twin_load_all(call.release);
	query_arg(&args, call.uid->type, call.uid->value);
	stay = stay_load(call.release, set, &args);
	mapping_qualify_all(set);
	ownership_require_member(twin_owner_role(set), "the tables of the release");
	role_become(&before, twin_owner_role(set));
	PushActiveSnapshot(GetTransactionSnapshot());
	put_comparisons(fcinfo, set, stay, &args);
	PopActiveSnapshot();
	role_return(&before);
	call_end_user(&call);
	return (Datum) 0;
}
