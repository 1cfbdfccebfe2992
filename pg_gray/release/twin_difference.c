/*
 * twin_difference.c: conditions that tell how a gray row differs from what it was when it came
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "postgres/sql_text.h"
#include "release/twin_difference.h"
#include "release/twin_sql.h"

static char *
value_of(const Column *column)
{
	return psprintf("g.%s", column->name[SIDE_GRAY]);
}

static char *
up_of(const Column *column)
{
	StringInfoData up;

	initStringInfo(&up);
	twin_sql_up(&up, column);
	return up.data;
}

/*
 * Append a condition: the value of g is no longer the value that it had when the row came, which
 * is `up` unless a kept value was put in its place.
 */
static void
append_changed(StringInfo sql, const Twin *twin, const Column *column)
{
	char *value = value_of(column);

	appendStringInfo(sql, "(pg_catalog.record_image_ne(ROW(%s), ROW(%s))", up_of(column), value);
	if (twin->kept_table != NULL && column->kept_id != 0)
	{
		appendStringInfo(sql,
						 " AND NOT EXISTS (SELECT 1 FROM %s k WHERE k.uid %s AND k.position = %d"
						 " AND k.column_id = %d AND k.value IS NOT DISTINCT FROM %s AND k.key = ",
						 twin->kept_table, twin_sql_is_user(), twin->position, column->kept_id,
						 sql_text_text(value));
		twin_sql_key(sql, twin);
		appendStringInfoChar(sql, ')');
	}
	appendStringInfoChar(sql, ')');
}

/*
 * The gray row as it came
 */

/*
 * Append the value that g had when the row came.  A default that differs each time is not known:
 * the present value of g counts instead.
 */
static void
append_came(StringInfo sql, const Twin *twin, const Column *column)
{
	if (column->map[SIDE_GRAY] == NULL && column->varies)
		appendStringInfoString(sql, value_of(column));
	else if (twin->kept_table == NULL || column->kept_id == 0)
		twin_sql_up(sql, column);
	else
	{
		appendStringInfoString(sql, "CASE WHEN ");
		append_changed(sql, twin, column);
		appendStringInfo(sql, " THEN %s ELSE %s END", up_of(column), value_of(column));
	}
}

/* Append: the gray row as it was when it came from p, without its generated columns. */
static void
append_written_base(StringInfo sql, const Twin *twin)
{
	const char *separator = "";

	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (!column_on(column, SIDE_GRAY) || column->generated[SIDE_GRAY])
			continue;
		appendStringInfoString(sql, separator);
		append_came(sql, twin, column);
		appendStringInfo(sql, " AS %s", column->name[SIDE_GRAY]);
		separator = ", ";
	}
}

/*
 * Append the generated columns of that row.  Their expressions name the columns without an alias,
 * so the names mean the columns of the innermost row.
 */
static void
append_generated_base(StringInfo sql, const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (!column->generated[SIDE_GRAY])
			continue;
		appendStringInfoString(sql, ", ");
		twin_sql_default(sql, column, SIDE_GRAY);
		appendStringInfo(sql, " AS %s", column->name[SIDE_GRAY]);
	}
}

/* Append an expression over the gray row as it was when it came from p, as a subquery. */
static void
append_of_base(StringInfo sql, const Twin *twin, const char *expression)
{
	StringInfoData generated;

	initStringInfo(&generated);
	append_generated_base(&generated, twin);
	appendStringInfo(sql, "(SELECT %s FROM (", expression);
	if (generated.len > 0)
		appendStringInfo(sql, "SELECT w.*%s FROM (", generated.data);
	appendStringInfoString(sql, "SELECT ");
	append_written_base(sql, twin);
	if (generated.len > 0)
		appendStringInfoString(sql, ") w");
	appendStringInfoString(sql, ") g)");
}

/*
 * Append a condition: an expression has another value over g than over the gray row that p became.
 */
static void
append_differs_from_base(StringInfo sql, const Twin *twin, const char *expression)
{
	appendStringInfo(sql, "pg_catalog.record_image_ne(ROW(%s), ROW(", expression);
	append_of_base(sql, twin, expression);
	appendStringInfoString(sql, "))");
}

/*
 * Differences
 */

/*
 * Append a condition: gray no longer holds the value that p's column became; with `down`, as far
 * as `down` can tell.
 */
static void
append_column_differs(StringInfo sql, const Twin *twin, const Column *column)
{
	if (column->map[SIDE_PRODUCTION] != NULL)
		append_differs_from_base(sql, twin, column->map[SIDE_PRODUCTION]);
	else if (column->generated[SIDE_GRAY])
		append_differs_from_base(sql, twin, value_of(column));
	else
		append_changed(sql, twin, column);
}

void
twin_difference_as_it_came(StringInfo sql, const Twin *twin, const Column *column)
{
	appendStringInfoString(sql, "NOT ");
	if (column->generated[SIDE_GRAY])
		append_differs_from_base(sql, twin, value_of(column));
	else
		append_changed(sql, twin, column);
}

void
twin_difference_merged(StringInfo sql, const Twin *twin, const Column *column)
{
	if (column_is_verbatim(column) && column->map[SIDE_PRODUCTION] == NULL)
	{
		twin_sql_value(sql, column, SIDE_GRAY);
		return;
	}
	appendStringInfoString(sql, "CASE WHEN ");
	append_column_differs(sql, twin, column);
	appendStringInfoString(sql, " THEN ");
	twin_sql_value(sql, column, SIDE_GRAY);
	appendStringInfo(sql, " ELSE p.%s END", column->name[SIDE_PRODUCTION]);
}

void
twin_difference_append(StringInfo sql, const Twin *twin)
{
	StringInfoData ups;
	StringInfoData grays;
	StringInfoData others;

	initStringInfo(&ups);
	initStringInfo(&grays);
	initStringInfo(&others);
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (!twin_sql_comes_home(twin, column))
			continue;
		if (column->map[SIDE_PRODUCTION] != NULL || column->kept_id != 0 ||
			column->generated[SIDE_GRAY])
		{
			appendStringInfoString(&others, " OR ");
			append_column_differs(&others, twin, column);
			continue;
		}
		appendStringInfoString(&ups, ups.len == 0 ? "" : ", ");
		twin_sql_up(&ups, column);
		appendStringInfo(&grays, "%s%s", grays.len == 0 ? "" : ", ", value_of(column));
	}
	if (ups.len == 0)
		appendStringInfo(sql, "(false%s)", others.data);
	else
		appendStringInfo(sql, "(pg_catalog.record_image_ne(ROW(%s), ROW(%s))%s)", ups.data,
						 grays.data, others.data);
}
