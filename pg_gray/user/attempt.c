/*
 * attempt.c: the record of every attempt to move a user
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "utils/timestamp.h"

#include "postgres/query.h"
#include "release/release.h"
#include "user/attempt.h"
#include "user/uid.h"

/* In bytes. */
#define TEXT_LIMIT 10000

static char *
shortened(char *text)
{
	int length = text == NULL ? 0 : strlen(text);

	if (length <= TEXT_LIMIT)
		return text;
	return psprintf("%.*s ...", pg_mbcliplen(text, length, TEXT_LIMIT), text);
}

void
attempt_shorten(ErrorData *error)
{
	error->message = shortened(error->message);
	error->detail = shortened(error->detail);
	error->hint = shortened(error->hint);
	error->context = shortened(error->context);
}

int64_t
attempt_record(const Attempt *attempt)
{
	const ErrorData *error = attempt->error;
	QueryArgs		 args = {0};
	bool			 is_null;

	query_arg(&args, attempt->uid->type, attempt->uid->value);
	query_arg_text(&args, attempt->kind);
	query_arg_text(&args, state_name(attempt->state));
	query_arg(&args, INT8OID, Int64GetDatum(attempt->row_count));
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(attempt->started));
	query_arg_text(&args, error ? unpack_sql_state(error->sqlerrcode) : NULL);
	query_arg_text(&args, error ? error->message : NULL);
	query_arg_text(&args, error ? error->detail : NULL);
	query_arg_text(&args, error ? error->hint : NULL);
	query_arg_text(&args, error ? error->schema_name : NULL);
	query_arg_text(&args, error ? error->table_name : NULL);
	query_arg_text(&args, error ? error->column_name : NULL);
	query_arg_text(&args, error ? error->constraint_name : NULL);
	query_arg_text(&args, attempt->row_key);
	query_run_saved(psprintf("INSERT INTO %s (uid, kind, state, row_count, started, duration,"
							 " sqlstate, message, detail, hint,"
							 " schema_name, table_name, column_name, constraint_name, row_key)"
							 " VALUES ($1, $2, $3::gray.state, $4, $5, clock_timestamp() - $5,"
							 " $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id",
							 attempt->release->attempt_table),
					&args);
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
}

void
attempt_resolve(const Release *release, const Uid *uid)
{
	QueryArgs args = {0};

	query_arg(&args, uid->type, uid->value);
	query_run_saved(psprintf("UPDATE %s SET resolved = now() WHERE uid = $1 AND resolved IS NULL"
							 " AND state IN ('failed', 'stuck')",
							 release->attempt_table),
					&args);
}
