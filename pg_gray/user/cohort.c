/*
 * cohort.c: decides which users are to be in gray
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "postgres/query.h"
#include "release/release.h"
#include "routing/bucket.h"
#include "user/call.h"
#include "user/cohort.h"
#include "user/notify.h"
#include "user/uid.h"

PG_FUNCTION_INFO_V1(gray_add_user);
PG_FUNCTION_INFO_V1(gray_remove_user);
PG_FUNCTION_INFO_V1(gray_set_percent);

static bool
is_listed(const Release *release, const Uid *uid)
{
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	return query_run_saved(psprintf("SELECT 1 FROM %s WHERE uid = $1 AND listed",
									release->cohort_table),
						   &args) > 0;
}

bool
cohort_has(const Release *release, const Uid *uid)
{
	return bucket_of(release->name, uid->text, strlen(uid->text)) < release->percent_buckets ||
		   is_listed(release, uid);
}

bool
cohort_wants(const Release *release, const Uid *uid)
{
	return release->is_open && cohort_has(release, uid);
}

static void
change_list(FunctionCallInfo fcinfo, const char *statement)
{
	UserCall  call;
	QueryArgs args = {0};

	call_begin_user(&call, fcinfo);
	query_arg(&args, call.uid->type, call.uid->value);
	if (query_run(psprintf(statement, call.release->cohort_table), &args) > 0)
		notify_roster(call.release, NEWS_USERS);
	call_end_user(&call);
}

Datum
gray_add_user(PG_FUNCTION_ARGS)
{
	change_list(fcinfo, "INSERT INTO %s AS c (uid) VALUES ($1) ON CONFLICT (uid) DO UPDATE"
						" SET listed = true, changed = DEFAULT WHERE NOT c.listed");
	PG_RETURN_VOID();
}

Datum
gray_remove_user(PG_FUNCTION_ARGS)
{
	change_list(fcinfo, "UPDATE %s SET listed = false, changed = DEFAULT WHERE uid = $1 AND listed");
	PG_RETURN_VOID();
}

static void
check_percent(const char *percent)
{
	Datum  value = DirectFunctionCall3(numeric_in, CStringGetDatum(percent),
									   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	double number = DatumGetFloat8(DirectFunctionCall1(numeric_float8, value));

	if (!(number >= 0 && number <= 100))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("percent must be between 0 and 100, not %s", percent),
				 errhint("SELECT gray_set_percent(2.5) puts every fortieth user into the cohort.")));
}

Datum
gray_set_percent(PG_FUNCTION_ARGS)
{
	char	   *percent;
	ReleaseCall call;
	QueryArgs	args = {0};

	call_refuse_null(fcinfo, 0, "percent");
	percent = DatumGetCString(DirectFunctionCall1(numeric_out, PG_GETARG_DATUM(0)));
	check_percent(percent);

	call_begin(&call, fcinfo, 1);
	query_arg_int(&args, call.release->id);
	query_arg_text(&args, percent);
	query_run("UPDATE gray.release SET percent = $2::numeric WHERE id = $1", &args);
	notify_roster(call.release, NEWS_RELEASE);
	call_end(&call);
	PG_RETURN_VOID();
}
