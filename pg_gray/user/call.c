/*
 * call.c: begins and ends every SQL-callable function, and returns rows from it
 */
#include "postgres.h"

#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/tuplestore.h"

#include "release/release.h"
#include "user/call.h"
#include "user/uid.h"

static void
enter(RoleSwitch *before)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	role_become_catalog_owner(before);
}

static void
leave(const RoleSwitch *before)
{
	role_return(before);
	SPI_finish();
}

char *
call_name(FunctionCallInfo fcinfo, int argument)
{
	return PG_ARGISNULL(argument) ? NULL : NameStr(*PG_GETARG_NAME(argument));
}

void
call_refuse_null(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("%s must not be null", name),
						errhint("Give a value for the argument %s.", name)));
}

void
call_begin(ReleaseCall *call, FunctionCallInfo fcinfo, int release_argument)
{
	enter(&call->before);
	/*
	 * These functions read the catalogs.  PostgreSQL takes such statements for expensive, and
	 * would compile them for longer than they run.
	 */
	role_pin_setting("jit", "off");
	call->release = release_load(call_name(fcinfo, release_argument));
}

void
call_end(ReleaseCall *call)
{
	leave(&call->before);
}

void
call_begin_user_at(UserCall *call, FunctionCallInfo fcinfo, int release_argument)
{
	enter(&call->before);
	call->release = release_load_with_tables(call_name(fcinfo, release_argument));
	call->uid = uid_from_arg(fcinfo, 0, call->release);
}

void
call_begin_user(UserCall *call, FunctionCallInfo fcinfo)
{
	call_begin_user_at(call, fcinfo, 1);
}

void
call_end_user(UserCall *call)
{
	leave(&call->before);
}

void
rows_begin(FunctionCallInfo fcinfo)
{
	InitMaterializedSRF(fcinfo, 0);
}

void
rows_put(FunctionCallInfo fcinfo, const char **values)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	AttInMetadata *input = TupleDescGetAttInMetadata(result->setDesc);

	tuplestore_puttuple(result->setResult, BuildTupleFromCStrings(input, (char **) values));
}

void
rows_put_result(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	for (uint64 row = 0; row < SPI_processed; row++)
		tuplestore_puttuple(result->setResult, SPI_tuptable->vals[row]);
}
