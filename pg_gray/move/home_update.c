/*
 * home_update.c: updates frozen rows in production from gray rows that were changed
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "move/failed_row.h"
#include "move/home_update.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/relation.h"
#include "release/twin_difference.h"
#include "release/twin_sql.h"
#include "user/stay.h"

static void
append_assignment(StringInfo list, const char *column, const char *value)
{
	appendStringInfo(list, "%s%s = %s", list->len == 0 ? "" : ", ", column, value);
}

static void
append_value(StringInfo value, const Altered *altered, const Twin *twin, const Column *column)
{
	if (altered != NULL && column_is_pair(column))
		home_update_value(value, altered, twin, column);
	else
		twin_difference_merged(value, twin, column);
}

static bool
is_assigned(const Twin *twin, const Column *column)
{
	return twin_sql_comes_home(twin, column) && !column->always;
}

/* When no column can be assigned, no row differs that was not refused before. */
static bool
has_assignments(const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (is_assigned(twin, &twin->columns[i]))
			return true;
	}
	return false;
}

static void
append_assignments(StringInfo list, const Altered *altered, const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column  *column = &twin->columns[i];
		StringInfoData value;

		if (!is_assigned(twin, column))
			continue;
		initStringInfo(&value);
		append_value(&value, altered, twin, column);
		append_assignment(list, column->name[SIDE_PRODUCTION], value.data);
	}
}

typedef enum Which
{
	ALL_ROWS,
	PICKED_ROWS,
	WINDOW_ROWS
} Which;

/* `altered` is null when the pairs are the same as at the migration. */
static void
append_update(StringInfo sql, const Altered *altered, const Twin *twin, Which which)
{
	StringInfoData assignments;

	initStringInfo(&assignments);
	append_assignments(&assignments, altered, twin);
	appendStringInfo(sql, "UPDATE %s p SET %s FROM %s g WHERE ", twin->table[SIDE_PRODUCTION],
					 assignments.data, twin->table[SIDE_GRAY]);
	twin_sql_same_key(sql, twin);
	appendStringInfoString(sql, " AND ");
	if (which == PICKED_ROWS)
		appendStringInfoString(sql, "g.ctid = ANY ($2)");
	else
		twin_sql_owned(sql, twin, SIDE_GRAY, "g");
	/* With an owner path, the owner row of p may be gone by now; the key of p is enough. */
	if (twin->uid_column != NULL)
	{
		appendStringInfoString(sql, " AND ");
		twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	}
	appendStringInfoString(sql, " AND ");
	if (altered != NULL)
		home_update_differs(sql, altered, twin);
	else
		twin_difference_append(sql, twin);
	if (which == WINDOW_ROWS)
		failed_row_append_window(sql, "g");
	appendStringInfoString(sql, " RETURNING p.tableoid, p.ctid"); /* see late_unique.h */
}

static void
update_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_update(sql, NULL, twin, ALL_ROWS);
}

static void
update_picked_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_update(sql, NULL, twin, PICKED_ROWS);
}

static void
update_window_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_update(sql, NULL, twin, WINDOW_ROWS);
}

static uint64_t
update_window(Move *move, const Twin *twin, const void *detail pg_attribute_unused())
{
	return statement_write(move, (Statement){update_window_text, twin, NULL}, &move->args,
						   SIDE_PRODUCTION);
}

/* The text depends on the stay, so the statement is not kept. */
static uint64
update_altered(Move *move, const Twin *twin, const Altered *altered, Which which)
{
	StringInfoData sql;

	initStringInfo(&sql);
	append_update(&sql, altered, twin, which);
	return statement_write_once(move, sql.data, &move->args,
								(SilentTarget){move->prepared->set, twin, SIDE_PRODUCTION,
											   InvalidOid});
}

static uint64_t
update_altered_window(Move *move, const Twin *twin, const void *altered)
{
	return update_altered(move, twin, altered, WINDOW_ROWS);
}

static uint64
merge_altered(Move *move, const Twin *twin, const Altered *altered)
{
	uint64 rows;

	failed_row_begin(move, twin, SIDE_GRAY, SIDE_PRODUCTION, update_altered_window, altered);
	rows = update_altered(move, twin, altered, ALL_ROWS);
	failed_row_end(move);
	return rows;
}

uint64_t
home_update(Move *move, HomeChanges *change)
{
	Statement statement = {change->exact ? update_picked_text : update_text, change->twin, NULL};
	uint64_t  rows;

	if (!has_assignments(change->twin))
		return 0;
	if (change->new_pairs)
		return merge_altered(move, change->twin, &change->altered);
	failed_row_begin(move, change->twin, SIDE_GRAY, SIDE_PRODUCTION, update_window, NULL);
	rows = statement_write(move, statement, change->exact ? &change->picked : &move->args,
						   SIDE_PRODUCTION);
	failed_row_end(move);
	return rows;
}

static bool
has_arrived(const Altered *altered, const Column *column)
{
	return !stay_had_column(altered, SIDE_PRODUCTION, column->attnum[SIDE_PRODUCTION]);
}

static bool
has_arrived_in_gray(const Altered *altered, const Column *column)
{
	return !stay_had_column(altered, SIDE_GRAY, column->attnum[SIDE_GRAY]);
}

static void
append_arrived(StringInfo sql, const Twin *twin, const Column *column, const char *merged)
{
	appendStringInfoString(sql, "CASE");
	if (relation_column_is_not_null(twin->relation[SIDE_PRODUCTION],
									column->attnum[SIDE_PRODUCTION]))
		appendStringInfo(sql, " WHEN g.%s IS NULL THEN p.%s", column->name[SIDE_GRAY],
						 column->name[SIDE_PRODUCTION]);
	appendStringInfoString(sql, " WHEN ");
	twin_sql_is_silent(sql, column, SIDE_PRODUCTION);
	appendStringInfoString(sql, " THEN ");
	twin_sql_value(sql, column, SIDE_GRAY);
	if (column_is_verbatim(column) && column->map[SIDE_PRODUCTION] == NULL &&
		!column->generated[SIDE_GRAY])
	{
		appendStringInfoString(sql, " WHEN ");
		twin_sql_is_silent(sql, column, SIDE_GRAY);
		appendStringInfo(sql, " THEN p.%s", column->name[SIDE_PRODUCTION]);
	}
	appendStringInfo(sql, " ELSE %s END", merged);
}

static bool
is_cast(const Twin *twin, const Column *column)
{
	return column->map[SIDE_PRODUCTION] == NULL && !column_is_verbatim(column) &&
		   twin_sql_is_data(twin, column);
}

void
home_update_value(StringInfo sql, const Altered *altered, const Twin *twin, const Column *column)
{
	StringInfoData merged;
	StringInfoData stays;

	initStringInfo(&merged);
	initStringInfo(&stays);
	twin_difference_merged(&merged, twin, column);
	if (has_arrived(altered, column))
	{
		append_arrived(sql, twin, column, merged.data);
		return;
	}
	if (has_arrived_in_gray(altered, column) && !column->generated[SIDE_GRAY])
		twin_sql_is_silent(&stays, column, SIDE_GRAY);
	else if (is_cast(twin, column))
		twin_sql_leads_back(&stays, column);
	if (stays.len == 0)
		appendStringInfoString(sql, merged.data);
	else
		appendStringInfo(sql, "CASE WHEN %s THEN p.%s ELSE %s END", stays.data,
						 column->name[SIDE_PRODUCTION], merged.data);
}

/*
 * Append a condition: p has another value.  The value is cast first, since values of two types
 * can't be compared bit for bit.
 */
static void
append_is_other(StringInfo sql, const Column *column, const char *value)
{
	appendStringInfo(sql, "pg_catalog.record_image_ne(ROW(p.%s), ROW(CAST(%s AS %s)))",
					 column->name[SIDE_PRODUCTION], value,
					 format_type_extended(column->type[SIDE_PRODUCTION], -1,
										  FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
}

void
home_update_differs(StringInfo sql, const Altered *altered, const Twin *twin)
{
	appendStringInfoChar(sql, '(');
	twin_difference_append(sql, twin);
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column  *column = &twin->columns[i];
		StringInfoData value;

		if (!column_is_pair(column) || !has_arrived(altered, column) ||
			!twin_sql_comes_home(twin, column))
			continue;
		initStringInfo(&value);
		twin_sql_value(&value, column, SIDE_GRAY);
		appendStringInfoString(sql, " OR ");
		append_is_other(sql, column, value.data);
	}
	appendStringInfoChar(sql, ')');
}

void
home_update_new_pairs(StringInfo assignments, StringInfo differs, const Altered *altered,
					  const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column  *column = &twin->columns[i];
		StringInfoData value;

		if (!stay_is_new_pair(altered, column) || column->always ||
			!twin_sql_comes_home(twin, column))
			continue;
		initStringInfo(&value);
		home_update_value(&value, altered, twin, column);
		appendStringInfo(assignments, "%s%s = %s", assignments->len == 0 ? "" : ", ",
						 column->name[SIDE_PRODUCTION], value.data);
		appendStringInfoString(differs, differs->len == 0 ? "" : " OR ");
		append_is_other(differs, column, value.data);
	}
}
