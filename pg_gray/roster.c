/*
 * roster.c: what a gateway loads to route without asking
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"

#include "call.h"
#include "query.h"
#include "release.h"
#include "rows.h"

PG_FUNCTION_INFO_V1(gray_roster);

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
						   " FULL JOIN %s c ON c.uid = s.uid",
						   call.release->state_table, call.release->cohort_table),
				  NULL);
		rows_put_result(fcinfo);
	}
	call_end(&call);
	return (Datum) 0;
}
