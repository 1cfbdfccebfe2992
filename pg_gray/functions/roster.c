/*
 * roster.c: the roster, which a gateway loads to route users without asking the database
 *
 * Each row of the users' tables has the id of the transaction that wrote the row last.  A reader
 * has not seen the rows of transactions that are not visible in its snapshot.  Such a transaction
 * may have begun long before transactions that the reader has seen, and may commit long after them.
 *
 * Both functions read as of now.  So a snapshot that the caller's statement has taken is never
 * later than the rows.  A change that is in the rows already is reported once more by the next
 * gray_changes.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"

#include "postgres/query.h"
#include "release/release.h"
#include "user/call.h"

PG_FUNCTION_INFO_V1(gray_roster);
PG_FUNCTION_INFO_V1(gray_changes);

Datum
gray_roster(PG_FUNCTION_ARGS)
{
	ReleaseCall call;

	rows_begin(fcinfo);
	call_begin(&call, fcinfo, 0);
	if (call.release->uid_type != 0)
	{
		query_run(psprintf("SELECT coalesce(s.uid, c.uid)::text, coalesce(s.state, 'off'),"
						   " c.uid IS NOT NULL"
						   " FROM (SELECT uid, state FROM %s WHERE state <> 'off') s"
						   " FULL JOIN (SELECT uid FROM %s WHERE listed) c ON c.uid = s.uid",
						   call.release->state_table, call.release->cohort_table),
				  NULL);
		rows_put_result(fcinfo);
	}
	call_end(&call);
	return (Datum) 0;
}

/*
 * The rows of $1's unseen transactions.  A restored dump has transaction ids of another cluster,
 * which may be any.  Ids that are still to come in this cluster are left out.
 */
#define UNSEEN \
	"SELECT uid FROM %s WHERE changed >= pg_snapshot_xmin($1)" \
	" AND changed < pg_snapshot_xmax(pg_current_snapshot())" \
	" AND NOT pg_visible_in_snapshot(changed, $1)"

Datum
gray_changes(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	QueryArgs	args = {0};

	call_refuse_null(fcinfo, 0, "since");
	rows_begin(fcinfo);
	call_begin(&call, fcinfo, 1);
	if (call.release->uid_type != 0)
	{
		const char *states = call.release->state_table;
		const char *cohort = call.release->cohort_table;

		query_arg(&args, PG_SNAPSHOTOID, PG_GETARG_DATUM(0));
		query_run_saved(psprintf("SELECT u.uid::text, coalesce(s.state, 'off'), coalesce(c.listed, false)"
								 " FROM (" UNSEEN " UNION " UNSEEN ") u"
								 " LEFT JOIN %s s ON s.uid = u.uid LEFT JOIN %s c ON c.uid = u.uid",
								 states, cohort, states, cohort),
						&args);
		rows_put_result(fcinfo);
	}
	call_end(&call);
	return (Datum) 0;
}
