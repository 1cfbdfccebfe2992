/*
 * announcement.c: announces the move of a user, so that all gateways hold the user's requests first
 *
 * An announcement is a row, which the move deletes in its own transaction.  So the announcement
 * stands until the new state is visible, and nobody clears it away while the move has it locked.  A
 * gateway has acknowledged the announcement when the snapshot of its last reading shows the
 * transaction that made the announcement.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "utils/builtins.h"

#include "functions/user_functions.h"
#include "postgres/query.h"
#include "release/release.h"
#include "user/call.h"
#include "user/notify.h"
#include "user/uid.h"

/*
 * The longest time, in seconds, for which other gateways hold the requests of a user whom nobody
 * begins to move.
 */
#define ANNOUNCED_SECONDS "10"

/*
 * The pauses between looks whether the other gateways have acknowledged: the first, and the
 * longest.
 */
#define LOOK_FIRST_MS 1
#define LOOK_MOST_MS 16

PG_FUNCTION_INFO_V1(gray_announced);
PG_FUNCTION_INFO_V1(gray_announce);
PG_FUNCTION_INFO_V1(gray_withdraw);
PG_FUNCTION_INFO_V1(gray_route_announced);

/*
 * Reads under the snapshot of the calling statement, so that the statement may read more of the
 * release under the same snapshot.
 */
Datum
gray_announced(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	QueryArgs	args = {0};

	rows_begin(fcinfo);
	call_begin(&call, fcinfo, 1);
	query_arg(&args, NAMEOID, CStringGetDatum(call.release->name));
	query_arg(&args, UUIDOID, PG_ARGISNULL(0) ? (Datum) 0 : PG_GETARG_DATUM(0));
	if (PG_ARGISNULL(0))
		args.nulls[args.count - 1] = 'n';
	query_read("SELECT uid, gateway FROM gray.announcement WHERE release = $1"
			   " AND gateway IS DISTINCT FROM $2",
			   &args);
	rows_put_result(fcinfo);
	call_end(&call);
	return (Datum) 0;
}

/* Arguments of a query: $1 is the release, $2 is the gateway, $3 is the user. */
static QueryArgs
user_args(FunctionCallInfo fcinfo, const UserCall *call)
{
	QueryArgs args = {0};

	query_arg(&args, NAMEOID, CStringGetDatum(call->release->name));
	query_arg(&args, UUIDOID, PG_GETARG_DATUM(1));
	query_arg_text(&args, call->uid->text);
	return args;
}

/*
 * An announcement that exists keeps its transaction, since gateways may have acknowledged it.  Only
 * its end is put off.
 */
static void
announce(const UserCall *call, QueryArgs *args)
{
	query_run_saved("INSERT INTO gray.announcement AS a (release, gateway, uid, until)"
					" VALUES ($1, $2, $3, now() + interval '" ANNOUNCED_SECONDS " s')"
					" ON CONFLICT (release, uid, gateway) DO UPDATE SET until = EXCLUDED.until",
					args);
	notify_roster(call->release, NEWS_USERS);
}

/* Has another gateway a row, whether its lease runs or not? */
static bool
has_others(QueryArgs *args)
{
	return query_run_saved("SELECT 1 FROM gray.gateway WHERE release = $1 AND gateway <> $2"
						   " AND $3::text IS NOT NULL LIMIT 1",
						   args) > 0;
}

static Datum
row_datum(FunctionCallInfo fcinfo, const char **values)
{
	TupleDesc descriptor;

	if (get_call_result_type(fcinfo, NULL, &descriptor) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return HeapTupleGetDatum(
		BuildTupleFromCStrings(TupleDescGetAttInMetadata(descriptor), (char **) values));
}

Datum
gray_announce(PG_FUNCTION_ARGS)
{
	UserCall	call;
	State		state;
	const char *values[4] = {"f", "f"};

	call_refuse_null(fcinfo, 1, "gateway");
	call_begin_user_at(&call, fcinfo, 2);
	if (user_move_is_due(&call, &state))
	{
		QueryArgs args = user_args(fcinfo, &call);

		announce(&call, &args);
		values[0] = "t";
		values[1] = has_others(&args) ? "f" : "t";
	}
	values[2] = side_name(user_side(&call, state));
	values[3] = state_name(state);
	call_end_user(&call);
	return row_datum(fcinfo, values);
}

Datum
gray_withdraw(PG_FUNCTION_ARGS)
{
	UserCall  call;
	QueryArgs args;

	call_refuse_null(fcinfo, 1, "gateway");
	call_begin_user_at(&call, fcinfo, 2);
	args = user_args(fcinfo, &call);
	if (query_run("DELETE FROM gray.announcement WHERE release = $1 AND gateway = $2 AND uid = $3",
				  &args) > 0)
		notify_roster(call.release, NEWS_USERS);
	call_end_user(&call);
	PG_RETURN_VOID();
}

/*
 * Moving an announced user
 */

/*
 * Return the transaction that announced the user, as an xid8 (Datum).  With `take`, delete the
 * announcement.  Raises if there is none.
 */
static Datum
find_announcement(const UserCall *call, const QueryArgs *args, bool take)
{
	bool is_null;

	if (query_run_saved(take ? "DELETE FROM gray.announcement WHERE release = $1 AND gateway = $2 AND uid = $3"
							   " RETURNING announced"
							 : "SELECT announced FROM gray.announcement"
							   " WHERE release = $1 AND gateway = $2 AND uid = $3",
						args) == 0)
		ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
						errmsg("the move of user \"%s\" of release \"%s\" is not announced any more",
							   call->uid->text, call->release->name),
						errhint("Call gray_announce again, in a transaction of its own.")));
	return query_value(0, 1, &is_null);
}

static bool
all_acknowledged(const UserCall *call, FunctionCallInfo fcinfo, Datum announced)
{
	QueryArgs args = {0};

	query_arg(&args, NAMEOID, CStringGetDatum(call->release->name));
	query_arg(&args, UUIDOID, PG_GETARG_DATUM(1));
	query_arg(&args, XID8OID, announced);
	return query_run_saved("SELECT 1 FROM gray.gateway WHERE release = $1 AND gateway <> $2"
						   " AND lease_until > clock_timestamp()"
						   " AND (seen IS NULL OR NOT pg_visible_in_snapshot($3, seen)) LIMIT 1",
						   &args) == 0;
}

/*
 * Wait until each other gateway has acknowledged, or its lease is over.  A gateway that does not
 * answer delays the move until then, and holds no lock that the move needs.
 */
static void
wait_for_gateways(const UserCall *call, FunctionCallInfo fcinfo, Datum announced)
{
	long look_ms = LOOK_FIRST_MS;

	while (!all_acknowledged(call, fcinfo, announced))
	{
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, look_ms,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		look_ms = Min(look_ms * 2, LOOK_MOST_MS);
	}
}

Datum
gray_route_announced(PG_FUNCTION_ARGS)
{
	UserCall	call;
	QueryArgs	args;
	Datum		announced;
	bool		moved;
	State		state;
	char		transaction[24];
	const char *values[3] = {NULL};

	call_refuse_null(fcinfo, 1, "gateway");
	release_refuse_old_snapshot();
	call_begin_user_at(&call, fcinfo, 2);
	args = user_args(fcinfo, &call);
	announced = find_announcement(&call, &args, false);
	wait_for_gateways(&call, fcinfo, announced);
	find_announcement(&call, &args, true);
	state = user_move_if_due(&call, &moved);
	notify_roster(call.release, NEWS_USERS);
	values[0] = side_name(user_side(&call, state));
	values[1] = state_name(state);
	if (moved)
	{
		snprintf(transaction, sizeof(transaction), UINT64_FORMAT,
				 U64FromFullTransactionId(GetTopFullTransactionId()));
		values[2] = transaction;
	}
	call_end_user(&call);
	return row_datum(fcinfo, values);
}
