/*
 * copy.c: a user's rows, from one side's table into the other's
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "copy.h"
#include "culprit.h"
#include "move.h"
#include "partition.h"
#include "partition_copy.h"
#include "statement.h"
#include "twin_sql.h"

/*
 * By CopyKind; their addresses tell statements apart.  The same for the rows in the
 * move's window, where picked ones are all that the window has.
 */
static const CopyKind kinds[] = {COPY_TO_GRAY, COPY_HOME, COPY_HOME_MISSING, COPY_HOME_PICKED};
static const CopyKind window_kinds[] = {COPY_TO_GRAY, COPY_HOME, COPY_HOME_MISSING, COPY_HOME_MISSING};

static Side
source_side(CopyKind kind)
{
	return kind == COPY_TO_GRAY ? SIDE_PRODUCTION : SIDE_GRAY;
}

static void
append_item(StringInfo list, const char *text)
{
	appendStringInfo(list, "%s%s", list->len == 0 ? "" : ", ", text);
}

/* Columns that take their value from an expression, having no twin. */
static void
append_lone(const Twin *twin, Side to, StringInfo names, StringInfo values, bool named)
{
	for (int i = 0; i < twin->lone_count[to]; i++)
	{
		const LoneColumn *column = &twin->lone[to][i];

		if (column->expression == NULL)
			continue;
		append_item(names, column->name);
		append_item(values, "");
		twin_sql_lone(values, column);
		if (named)
			appendStringInfo(values, " AS %s", column->name);
	}
}

/* Names and values; if `named`, each value under the name that it has where it goes. */
static void
append_columns(const Twin *twin, Side from, StringInfo names, StringInfo values, bool named)
{
	Side to = from == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION;

	for (int i = 0; i < twin->column_count; i++)
	{
		TwinColumn *column = &twin->columns[i];

		if (column->generated[to])
			continue;
		append_item(names, column->name[to]);
		append_item(values, "");
		twin_sql_value(values, column, from);
		if (named)
			appendStringInfo(values, " AS %s", column->name[to]);
	}
	append_lone(twin, to, names, values, named);
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

static void
append_source(StringInfo sql, const Twin *twin, CopyKind kind, bool window)
{
	Side		from = source_side(kind);
	const char *alias = twin_sql_alias(from);

	appendStringInfo(sql, " FROM %s %s WHERE ", twin->table[from], alias);
	if (kind == COPY_HOME_PICKED)
		appendStringInfo(sql, "%s.ctid = ANY ($2)", alias);
	else
		twin_sql_owned(sql, twin, from, alias);
	if (kind == COPY_HOME_MISSING || kind == COPY_HOME_PICKED)
	{
		appendStringInfoString(sql, " AND ");
		append_missing(sql, twin);
	}
	if (window)
		culprit_append_window(sql, alias);
}

static void
append_copy(StringInfo sql, const Twin *twin, CopyKind kind, bool window)
{
	Side		   from = source_side(kind);
	StringInfoData names;
	StringInfoData values;

	initStringInfo(&names);
	initStringInfo(&values);
	append_columns(twin, from, &names, &values, false);
	appendStringInfo(sql, "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s",
					 twin->table[from == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION], names.data,
					 values.data);
	append_source(sql, twin, kind, window);
}

static void
copy_text(StringInfo sql, const Twin *twin, const void *kind)
{
	append_copy(sql, twin, *(const CopyKind *) kind, false);
}

static void
copy_window_text(StringInfo sql, const Twin *twin, const void *kind)
{
	append_copy(sql, twin, *(const CopyKind *) kind, true);
}

static uint64
copy_into_partitions(Move *move, const Twin *twin, CopyKind kind)
{
	Side		   from = source_side(kind);
	StringInfoData names;
	StringInfoData values;
	StringInfoData source;

	initStringInfo(&names);
	initStringInfo(&values);
	initStringInfo(&source);
	append_columns(twin, from, &names, &values, true);
	append_source(&source, twin, kind, move->window);
	return partition_copy_rows(move, twin, from == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION,
							   names.data, values.data, source.data);
}

static uint64
copy_window(Move *move, const Twin *twin, const void *kind)
{
	return copy_rows(move, twin, *(const CopyKind *) kind, &move->args);
}

uint64_t
copy_rows(Move *move, const Twin *twin, CopyKind kind, QueryArgs *args)
{
	Side	  from = source_side(kind);
	Side	  to = from == SIDE_PRODUCTION ? SIDE_GRAY : SIDE_PRODUCTION;
	Statement statement = {move->window ? copy_window_text : copy_text, twin, &kinds[kind]};
	uint64	  rows;

	culprit_begin(move, twin, from, to, copy_window, &window_kinds[kind]);
	if (partition_is_parent(twin->relation[to]))
		rows = copy_into_partitions(move, twin, kind);
	else
		rows = statement_write(move, statement, args, to);
	culprit_end(move);
	return rows;
}
