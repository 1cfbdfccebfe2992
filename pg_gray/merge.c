/*
 * merge.c: changed rows, from gray into the frozen rows in production
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "culprit.h"
#include "merge.h"
#include "merge_altered.h"
#include "move.h"
#include "statement.h"
#include "twin_sql.h"

static void
append_assignment(StringInfo list, const char *column, const char *value)
{
	appendStringInfo(list, "%s%s = %s", list->len == 0 ? "" : ", ", column, value);
}

static void
append_value(StringInfo value, const Altered *altered, const Twin *twin, const TwinColumn *column)
{
	if (altered != NULL)
		merge_altered_value(value, altered, twin, column);
	else
		twin_sql_merged(value, twin, column);
}

static bool
is_assigned(const Twin *twin, const TwinColumn *column)
{
	return twin_sql_comes_home(twin, column) && !column->always;
}

/* If nothing can be assigned, nothing differs that was not refused before. */
static bool
has_assignments(const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (is_assigned(twin, &twin->columns[i]))
			return true;
	}
	for (int i = 0; i < twin->lone_count[SIDE_PRODUCTION]; i++)
	{
		if (twin->lone[SIDE_PRODUCTION][i].expression != NULL)
			return true;
	}
	return false;
}

static void
append_assignments(StringInfo list, const Altered *altered, const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		const TwinColumn *column = &twin->columns[i];
		StringInfoData	  value;

		if (!is_assigned(twin, column))
			continue;
		initStringInfo(&value);
		append_value(&value, altered, twin, column);
		append_assignment(list, column->name[SIDE_PRODUCTION], value.data);
	}
	for (int i = 0; i < twin->lone_count[SIDE_PRODUCTION]; i++)
	{
		const LoneColumn *column = &twin->lone[SIDE_PRODUCTION][i];
		StringInfoData	  value;

		if (column->expression == NULL)
			continue;
		initStringInfo(&value);
		twin_sql_merged_lone(&value, twin, column);
		append_assignment(list, column->name, value.data);
	}
}

typedef enum Which
{
	ALL_ROWS,
	PICKED_ROWS,
	WINDOW_ROWS
} Which;

/* `altered` is null where the pairs are those that they were at the migration. */
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
	/* By owner path, p's old owner row may be gone by now; its key is enough. */
	if (twin->uid_column != NULL)
	{
		appendStringInfoString(sql, " AND ");
		twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	}
	appendStringInfoString(sql, " AND ");
	if (altered != NULL)
		merge_altered_differs(sql, altered, twin);
	else
		twin_sql_differs(sql, twin);
	if (which == WINDOW_ROWS)
		culprit_append_window(sql, "g");
	appendStringInfoString(sql, " RETURNING p.tableoid, p.ctid"); /* see late_index.h */
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

/* The text depends on the stay: it is no statement to be kept. */
static uint64
update_altered(Move *move, const Twin *twin, const Altered *altered, Which which)
{
	StringInfoData sql;

	initStringInfo(&sql);
	append_update(&sql, altered, twin, which);
	return statement_write_once(move, sql.data, &move->args,
								(QuietTarget){move->playbook->set, twin, SIDE_PRODUCTION,
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

	culprit_begin(move, twin, SIDE_GRAY, SIDE_PRODUCTION, update_altered_window, altered);
	rows = update_altered(move, twin, altered, ALL_ROWS);
	culprit_end(move);
	return rows;
}

uint64_t
merge_update(Move *move, Change *change)
{
	Statement statement = {change->exact ? update_picked_text : update_text, change->twin, NULL};
	uint64_t  rows;

	if (!has_assignments(change->twin))
		return 0;
	if (change->new_pairs)
		return merge_altered(move, change->twin, &change->altered);
	culprit_begin(move, change->twin, SIDE_GRAY, SIDE_PRODUCTION, update_window, NULL);
	rows = statement_write(move, statement, change->exact ? &change->picked : &move->args,
						   SIDE_PRODUCTION);
	culprit_end(move);
	return rows;
}
