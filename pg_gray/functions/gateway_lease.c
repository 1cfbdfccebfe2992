/*
 * gateway_lease.c: the leases of gateways, which ensure that no request reads rows that another
 * gateway has moved
 *
 * Snapshots give everything one order.  A gateway gives the snapshot up to which it has read the
 * release, and has thereby acknowledged all that is visible in this snapshot.  The gateway renews
 * its lease in one transaction, and reads in a later one.  So the author of an announcement that
 * the gateway does not see there does see the lease.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "functions/gateway_lease.h"
#include "postgres/query.h"
#include "release/release.h"
#include "user/call.h"
#include "user/notify.h"

#define LEASE_MOST_MS 600000

PG_FUNCTION_INFO_V1(gray_renew);
PG_FUNCTION_INFO_V1(gray_leave);

/*
 * Arguments of a query: $1 is the release, $2 is the gateway.  The SQL function's arguments for
 * both must not be null.
 */
static QueryArgs
begin_args(FunctionCallInfo fcinfo, const Release *release, int gateway_argument)
{
	QueryArgs args = {0};

	query_arg(&args, NAMEOID, CStringGetDatum(release->name));
	query_arg(&args, UUIDOID, PG_GETARG_DATUM(gateway_argument));
	return args;
}

void
gateway_forget(const Release *release)
{
	QueryArgs args = {0};

	query_arg(&args, NAMEOID, CStringGetDatum(release->name));
	query_run("DELETE FROM gray.announcement WHERE release = $1", &args);
	query_run("DELETE FROM gray.gateway WHERE release = $1", &args);
}

/*
 * A gateway may not hear of the opening, nor of this warning.  If it knows the release as closed
 * with nobody in gray, it goes on without the database, since nobody is moved in such a release.
 */
void
gateway_warn_of_lost(const Release *release)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg(&args, NAMEOID, CStringGetDatum(release->name));
	rows =
		query_run("SELECT coalesce(nullif(label, ''), gateway::text), date_trunc('second', lease_until)"
				  " FROM gray.gateway WHERE release = $1 AND lease_until < clock_timestamp() ORDER BY 1, 2",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		ereport(WARNING,
				(errmsg("gateway \"%s\" of release \"%s\" has not been heard of since %s",
						query_text(row, 1), release->name, query_text(row, 2)),
				 errdetail(
					 "If it still runs, it sends requests of users who are moved now to production."),
				 errhint("Stop it, or mend its way to the database; see gray.gateways.")));
}

/*
 * Leases
 */

static void
renew(FunctionCallInfo fcinfo, const Release *release, int lease_ms)
{
	QueryArgs args = begin_args(fcinfo, release, 0);

	query_arg_int(&args, lease_ms);
	query_arg(&args, PG_SNAPSHOTOID, PG_ARGISNULL(1) ? (Datum) 0 : PG_GETARG_DATUM(1));
	if (PG_ARGISNULL(1))
		args.nulls[args.count - 1] = 'n';
	query_arg_text(&args, PG_ARGISNULL(3) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(3)));
	query_run_saved("INSERT INTO gray.gateway AS g (release, gateway, label, lease_until, seen)"
					" VALUES ($1, $2, left($5, 255), clock_timestamp() + $3 * interval '1 ms', $4)"
					" ON CONFLICT (release, gateway) DO UPDATE SET label = EXCLUDED.label,"
					" lease_until = EXCLUDED.lease_until, seen = EXCLUDED.seen",
					&args);
}

/*
 * Delete the announcements and leases of gateways that are gone without a word.  Rows that a move
 * has locked are skipped, and not waited for.
 */
static void
clear_away(const Release *release)
{
	QueryArgs args = {0};

	query_arg(&args, NAMEOID, CStringGetDatum(release->name));
	query_run_saved("DELETE FROM gray.announcement WHERE ctid = ANY (ARRAY("
					"SELECT a.ctid FROM gray.announcement a WHERE a.release = $1 AND (a.until < now()"
					" OR NOT EXISTS (SELECT FROM gray.gateway g WHERE g.release = a.release"
					" AND g.gateway = a.gateway AND g.lease_until > now())) FOR UPDATE SKIP LOCKED))",
					&args);
	if (SPI_processed > 0)
		notify_roster(release, NEWS_USERS);
	query_run_saved("DELETE FROM gray.gateway WHERE ctid = ANY (ARRAY("
					"SELECT ctid FROM gray.gateway WHERE release = $1"
					" AND lease_until < now() - interval '1 day' FOR UPDATE SKIP LOCKED))",
					&args);
}

Datum
gray_renew(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	QueryArgs	args = {0};
	int			lease_ms;
	int			count;

	call_refuse_null(fcinfo, 0, "gateway");
	call_refuse_null(fcinfo, 2, "lease_ms");
	lease_ms = PG_GETARG_INT32(2);
	if (lease_ms < 1 || lease_ms > LEASE_MOST_MS)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("a lease of %d ms is out of range", lease_ms),
						errhint("Say between 1 and %d ms.", LEASE_MOST_MS)));
	call_begin(&call, fcinfo, 4);
	renew(fcinfo, call.release, lease_ms);
	clear_away(call.release);
	query_arg(&args, NAMEOID, CStringGetDatum(call.release->name));
	query_run_saved("SELECT count(*)::integer FROM gray.gateway"
					" WHERE release = $1 AND lease_until > clock_timestamp()",
					&args);
	count = query_int(0, 1);
	call_end(&call);
	PG_RETURN_INT32(count);
}

Datum
gray_leave(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	QueryArgs	args;

	call_refuse_null(fcinfo, 0, "gateway");
	call_begin(&call, fcinfo, 1);
	args = begin_args(fcinfo, call.release, 0);
	query_run("DELETE FROM gray.gateway WHERE release = $1 AND gateway = $2", &args);
	clear_away(call.release);
	call_end(&call);
	PG_RETURN_VOID();
}
