/*
 * copy.c: copies a user's rows from one side's table into the twin on the other side
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "move/copy.h"
#include "move/copy_partition.h"
#include "move/failed_row.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "postgres/sql_text.h"
#include "release/twin_kept.h"
#include "release/twin_sql.h"

/*
 * INSERT INTO (names) SELECT values.  For an INSERT into partitions, all columns are named, and
 * the values are named as their columns.
 */
typedef struct Columns
{
	const Twin	  *twin;
	CopyKind	   kind;
	bool		   partitioned;
	bool		   computed; /* see append_column */
	StringInfoData names;
	StringInfoData values;
	/* the kept values, one row of k for each row: the columns of k without its key */
	StringInfoData kept;
} Columns;

static Side
source_side(CopyKind kind)
{
	return kind == COPY_TO_GRAY || kind == COPY_TO_GRAY_KEPT ? SIDE_PRODUCTION : SIDE_GRAY;
}

static Side
target_side(CopyKind kind)
{
	return source_side(kind) == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION;
}

/*
 * When all columns are just the source's columns in order, PostgreSQL inserts the source's row as
 * it is stored.  A row from before an ADD COLUMN ends early.  In the target the missing columns
 * would be read as the default that the target's own ADD COLUMN ... DEFAULT gave to its old rows.
 * So one value must be computed.
 */
static void
append_column(Columns *columns, const char *name, const char *value)
{
	const char *separator = columns->names.len == 0 ? "" : ", ";

	if (columns->computed) /* CASE keeps the type of the value, even a domain */
		value = psprintf("CASE WHEN %s.ctid IS NULL THEN %s ELSE %s END",
						 twin_sql_alias(source_side(columns->kind)), value, value);
	columns->computed = false;
	appendStringInfo(&columns->names, "%s%s", separator, name);
	appendStringInfo(&columns->values, "%s%s", separator, value);
	if (columns->partitioned)
		appendStringInfo(&columns->values, " AS %s", name);
}

/*
 * Return an expression: the kept value if there is one, or else `value`. The values of each column
 * are aggregated separately: all values of a row in one aggregate could exceed PostgreSQL's limit
 * for a value.
 */
static char *
kept_or(Columns *columns, int kept_id, Oid type, const char *value)
{
	StringInfoData text;

	appendStringInfo(&columns->kept, ", max(value) FILTER (WHERE column_id = %d) AS gray_%d",
					 kept_id, kept_id);
	initStringInfo(&text);
	appendStringInfo(&text, "CASE WHEN %d = ANY (k.ids) THEN ", kept_id);
	sql_text_from_text(&text, psprintf("k.gray_%d", kept_id), type);
	appendStringInfo(&text, " ELSE %s END", value);
	return text.data;
}

/* Append a column; one that the source lacks only if its value may differ from its default. */
static void
append_value(Columns *columns, const Column *column)
{
	Side from = source_side(columns->kind);
	Side to = target_side(columns->kind);
	bool kept = columns->kind == COPY_TO_GRAY_KEPT && column->kept_id != 0 &&
				twin_kept_wanted(columns->twin, column);
	StringInfoData value;

	if (!column_on(column, to) || column->generated[to] ||
		(!column_on(column, from) && column->map[to] == NULL && !columns->partitioned && !kept))
		return;
	initStringInfo(&value);
	twin_sql_value(&value, column, from);
	append_column(columns, column->name[to],
				  kept ? kept_or(columns, column->kept_id, column->type[to], value.data)
					   : value.data);
}

static void
make_columns(Columns *columns, const Twin *twin, CopyKind kind)
{
	Side to = target_side(kind);

	columns->twin = twin;
	columns->kind = kind;
	columns->partitioned = partition_is_parent(twin->relation[to]);
	columns->computed = kind != COPY_TO_GRAY_KEPT &&
						(columns->partitioned || relation_has_missing(twin->relation[to]));
	initStringInfo(&columns->names);
	initStringInfo(&columns->values);
	initStringInfo(&columns->kept);
	appendStringInfoString(&columns->kept, "array_agg(column_id) AS ids");
	for (int i = 0; i < twin->column_count; i++)
		append_value(columns, &twin->columns[i]);
}

static void
append_missing(StringInfo sql, const Twin *twin)
{
	appendStringInfo(sql, "NOT EXISTS (SELECT 1 FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(sql, twin);
	if (twin->uid_column != NULL)
	{
		appendStringInfoString(sql, " AND ");
		twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	}
	appendStringInfoChar(sql, ')');
}

/*
 * Append: the user's rows p, each with its kept values k: the ids of the columns, and the values
 * in columns of their own.  Each row of k has its p.  The join is a FULL JOIN all the same: the
 * planner can't know the number of rows, and never makes a FULL JOIN as a nested loop.
 */
static void
append_kept_source(StringInfo sql, const Twin *twin, const char *kept)
{
	appendStringInfo(sql, " FROM (SELECT * FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfo(sql,
					 ") p FULL JOIN (SELECT key, %s FROM %s"
					 " WHERE uid = $1 AND position = %d GROUP BY key) k ON k.key = ",
					 kept, twin->kept_table, twin->position);
	twin_sql_key(sql, twin);
}

static void
append_source(StringInfo sql, const Twin *twin, const Columns *columns, bool window)
{
	CopyKind	kind = columns->kind;
	Side		from = source_side(kind);
	const char *alias = twin_sql_alias(from);

	if (kind == COPY_TO_GRAY_KEPT)
	{
		append_kept_source(sql, twin, columns->kept.data);
		return;
	}
	appendStringInfo(sql, " FROM %s %s WHERE ", twin->table[from], alias);
	if (kind == COPY_HOME_PICKED || kind == COPY_HOME_AT)
		appendStringInfo(sql, "%s.ctid = ANY ($2)", alias);
	else
		twin_sql_owned(sql, twin, from, alias);
	if (kind == COPY_HOME_MISSING || kind == COPY_HOME_PICKED)
	{
		appendStringInfoString(sql, " AND ");
		append_missing(sql, twin);
	}
	if (window)
		failed_row_append_window(sql, alias);
}

static void
append_copy(StringInfo sql, const Twin *twin, CopyKind kind, bool window)
{
	Columns columns;

	make_columns(&columns, twin, kind);
	appendStringInfo(sql, "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s",
					 twin->table[target_side(kind)], columns.names.data, columns.values.data);
	append_source(sql, twin, &columns, window);
}

static void
copy_text(StringInfo sql, const Twin *twin, const void *kind)
{
	append_copy(sql, twin, statement_chosen(kind), false);
}

static void
copy_window_text(StringInfo sql, const Twin *twin, const void *kind)
{
	append_copy(sql, twin, statement_chosen(kind), true);
}

static uint64
copy_into_partitions(const Move *move, const Twin *twin, CopyKind kind, const QueryArgs *args)
{
	Columns		   columns;
	Move		   with_args = *move;
	StringInfoData source;

	make_columns(&columns, twin, kind);
	initStringInfo(&source);
	append_source(&source, twin, &columns, move->window);
	with_args.args = *args;
	return partition_copy_rows(&with_args, twin, target_side(kind), columns.names.data,
							   columns.values.data, source.data);
}

/* In the move's window, the picked rows are all rows that can be found. */
static const void *
window_choice(CopyKind kind)
{
	return statement_choice(kind == COPY_HOME_PICKED ? COPY_HOME_MISSING
							: kind == COPY_HOME_AT	 ? COPY_HOME
													 : kind);
}

static uint64
copy_window(Move *move, const Twin *twin, const void *kind)
{
	return copy_rows(move, twin, statement_chosen(kind), &move->args);
}

uint64_t
copy_rows(Move *move, const Twin *twin, CopyKind kind, const QueryArgs *args)
{
	Side	  to = target_side(kind);
	Statement statement = {move->window ? copy_window_text : copy_text, twin,
						   statement_choice(kind)};
	uint64	  rows;

	failed_row_begin(move, twin, source_side(kind), to, copy_window, window_choice(kind));
	if (partition_is_parent(twin->relation[to]))
		rows = copy_into_partitions(move, twin, kind, args);
	else
		rows = statement_write(move, statement, args, to);
	failed_row_end(move);
	return rows;
}

static uint64
copy_partition_at(Move *move, const Twin *twin, unsigned int partition, const QueryArgs *tids)
{
	SilentTarget   target = {move->prepared->set, twin, SIDE_PRODUCTION, InvalidOid};
	Twin		   part = *twin;
	StringInfoData sql;

	part.table[SIDE_GRAY] = relation_name(partition);
	if (partition_is_parent(twin->relation[SIDE_PRODUCTION]))
		return copy_into_partitions(move, &part, COPY_HOME_AT, tids);
	initStringInfo(&sql);
	copy_text(&sql, &part, statement_choice(COPY_HOME_AT));
	return statement_write_once(move, sql.data, tids, target);
}

uint64_t
copy_rows_at(Move *move, const Twin *twin, unsigned int relation, const QueryArgs *tids)
{
	uint64 rows;

	if (relation == twin->relation[SIDE_GRAY])
		return copy_rows(move, twin, COPY_HOME_AT, tids);
	failed_row_begin(move, twin, SIDE_GRAY, SIDE_PRODUCTION, copy_window,
					 window_choice(COPY_HOME_AT));
	rows = copy_partition_at(move, twin, relation, tids);
	failed_row_end(move);
	return rows;
}
