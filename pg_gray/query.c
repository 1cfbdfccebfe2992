/*
 * query.c: one SQL statement with parameters, through SPI
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "query.h"

void
query_arg(QueryArgs *args, unsigned int type, uintptr_t value)
{
	if (args->count >= QUERY_MAX_ARGS)
		elog(ERROR, "too many parameters");
	args->types[args->count] = type;
	args->values[args->count] = value;
	args->nulls[args->count] = ' ';
	args->count++;
}

void
query_arg_text(QueryArgs *args, const char *text)
{
	query_arg(args, TEXTOID, text == NULL ? (Datum) 0 : CStringGetTextDatum(text));
	if (text == NULL)
		args->nulls[args->count - 1] = 'n';
}

void
query_arg_int(QueryArgs *args, int value)
{
	query_arg(args, INT4OID, Int32GetDatum(value));
}

void
query_arg_oids(QueryArgs *args, const List *oids)
{
	Datum	 *values = palloc(sizeof(Datum) * Max(list_length(oids), 1));
	int		  count = 0;
	ListCell *cell;

	foreach(cell, oids)
		values[count++] = ObjectIdGetDatum(lfirst_oid(cell));
	query_arg(args, OIDARRAYOID,
			  PointerGetDatum(
				  construct_array(values, count, OIDOID, sizeof(Oid), true, TYPALIGN_INT)));
}

uint64_t
query_run(const char *sql, QueryArgs *args)
{
	static QueryArgs none;
	int				 result;

	if (args == NULL)
		args = &none;
	result =
		SPI_execute_with_args(sql, args->count, args->types, args->values, args->nulls, false, 0);
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", sql, SPI_result_code_string(result));
	return SPI_processed;
}

void
query_run_for_locks(const char *sql, QueryArgs *args)
{
	SPIExecuteOptions options = {0};
	SPIPlanPtr		  plan = SPI_prepare(sql, args->count, args->types);
	int				  result;

	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql, SPI_result_code_string(SPI_result));

	options.params = makeParamList(args->count);
	for (int i = 0; i < args->count; i++)
	{
		ParamExternData *param = &options.params->params[i];

		param->value = args->values[i];
		param->isnull = args->nulls[i] == 'n';
		param->pflags = PARAM_FLAG_CONST;
		param->ptype = args->types[i];
	}
	options.dest = None_Receiver;
	result = SPI_execute_plan_extended(plan, &options);
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", sql, SPI_result_code_string(result));
	SPI_freeplan(plan);
}

char *
query_text(uint64_t row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

int
query_int(uint64_t row, int column)
{
	bool  is_null;
	Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null);
	Oid	  type = SPI_gettypeid(SPI_tuptable->tupdesc, column);

	if (is_null)
		return 0;
	return type == INT2OID ? DatumGetInt16(value) : DatumGetInt32(value);
}

bool
query_is_null(uint64_t row, int column)
{
	bool is_null;

	(void) SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null);
	return is_null;
}
