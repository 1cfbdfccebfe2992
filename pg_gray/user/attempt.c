/*
 * attempt.c: records every attempt to move a user
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

/* The words are part of the text: as parameters they would be looked up by name each time. */
static int64
insert(const Attempt *attempt, QueryArgs *args, const char *columns, const char *values)
{
	bool is_null;

	query_run_saved(psprintf("INSERT INTO %s (uid, row_count, started, kind, state, duration%s)"
							 " VALUES ($1, $2, $3, '%s', '%s', clock_timestamp() - $3%s) RETURNING id",
							 attempt->release->attempt_table, columns, attempt->kind,
							 state_name(attempt->state), values),
					args);
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
}

int64_t
attempt_record(const Attempt *attempt)
{
	const ErrorData *error = attempt->error;
	QueryArgs		 args = {0};

	query_arg(&args, attempt->uid->type, attempt->uid->value);
	query_arg(&args, INT8OID, Int64GetDatum(attempt->row_count));
	query_arg(&args, TIMESTAMPTZOID, TimestampTzGetDatum(attempt->started));
	if (error == NULL && attempt->note == NULL)
		return insert(attempt, &args, "", "");
	if (error == NULL)
	{
		query_arg_text(&args, attempt->note);
		return insert(attempt, &args, ", detail", ", $4");
	}
	query_arg_text(&args, unpack_sql_state(error->sqlerrcode));
	query_arg_text(&args, error->message);
	query_arg_text(&args, error->detail);
	query_arg_text(&args, error->hint);
	query_arg_text(&args, error->schema_name);
	query_arg_text(&args, error->table_name);
	query_arg_text(&args, error->column_name);
	query_arg_text(&args, error->constraint_name);
	query_arg_text(&args, attempt->row_key);
	return insert(attempt, &args,
				  ", sqlstate, message, detail, hint,"
				  " schema_name, table_name, column_name, constraint_name, row_key",
				  ", $4, $5, $6, $7, $8, $9, $10, $11, $12");
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
