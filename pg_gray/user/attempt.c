/*
 * attempt.c: records every attempt to move a user
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "nodes/pg_list.h"
#include "utils/array.h"
#include "utils/timestamp.h"

#include "postgres/query.h"
#include "release/release.h"
#include "release/twin.h"
#include "release/twin_shape.h"
#include "user/attempt.h"
#include "user/uid.h"

/* Append a parameter: the counts as bigint[]; null without counts. */
static void
arg_counts(QueryArgs *args, const uint64_t *counts, int count)
{
	Datum *values = palloc(sizeof(Datum) * Max(count, 1));

	for (int i = 0; i < count; i++)
		values[i] = Int64GetDatum(counts[i]);
	query_arg(args, INT8ARRAYOID,
			  PointerGetDatum(
				  construct_array(values, count, INT8OID, sizeof(int64), true, TYPALIGN_DOUBLE)));
	if (count == 0)
		args->nulls[args->count - 1] = 'n';
}

/*
 * Append a parameter: one number of each pair of tables; null when all are 0, or when the attempt
 * was no migration.
 */
static void
arg_of_twins(QueryArgs *args, const Attempt *attempt, uint64_t (*number)(const Twin *twin))
{
	int		  count = attempt->xid == 0 ? 0 : attempt->set->count;
	uint64_t *numbers = palloc(sizeof(uint64_t) * Max(count, 1));
	bool	  any = false;

	for (int i = 0; i < count; i++)
	{
		numbers[i] = number(&attempt->set->twins[i]);
		any |= numbers[i] != 0;
	}
	arg_counts(args, numbers, any ? count : 0);
}

/* Return the hash of the defaults by which the rows got values of gray-only columns. */
static uint64_t
defaults_of(const Twin *twin)
{
	return twin->defaults;
}

/* Append a parameter: the Oids of the tables, in the form that stay.h reads. */
static void
arg_relations(QueryArgs *args, const Attempt *attempt)
{
	List *relations = NIL;

	for (int i = 0; attempt->xid != 0 && i < attempt->set->count; i++)
	{
		const Twin *twin = &attempt->set->twins[i];

		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		{
			relations = lappend_oid(relations, twin->relation[side]);
			relations = list_concat(relations, twin->parts[side]);
			relations = lappend_oid(relations, InvalidOid);
		}
	}
	query_arg_oids(args, relations);
	if (relations == NIL)
		args->nulls[args->count - 1] = 'n';
}

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
	query_arg(&args, XID8OID, UInt64GetDatum(attempt->xid));
	if (attempt->xid == 0)
		args.nulls[args.count - 1] = 'n';
	query_arg(&args, XID8OID, UInt64GetDatum(attempt->since));
	if (attempt->xid == 0)
		args.nulls[args.count - 1] = 'n';
	arg_counts(&args, attempt->rows, attempt->xid == 0 ? 0 : attempt->set->count);
	arg_of_twins(&args, attempt, defaults_of);
	arg_of_twins(&args, attempt, twin_shape_columns);
	arg_of_twins(&args, attempt, twin_shape_storage);
	arg_relations(&args, attempt);
	query_run_saved(psprintf("INSERT INTO %s (uid, kind, state, row_count, started, duration,"
							 " sqlstate, message, detail, hint,"
							 " schema_name, table_name, column_name, constraint_name, row_key,"
							 " moved_xid, moved_since, moved_rows, moved_defaults,"
							 " moved_columns, moved_storage, moved_relations)"
							 " VALUES ($1, $2, $3::gray.state, $4, $5, clock_timestamp() - $5,"
							 " $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) RETURNING id",
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
