/*
 * kept_former.c: settles values that were kept of a column before it changed
 *
 *   forget   values that don't fit production's values
 *   give     the others to production
 *   relabel  values that production can't give back, as values of the present column, if its
 *            values are kept; otherwise forget them
 *
 * This is how the work of earlier stays comes home when a release has succeeded, and production
 * gets version 2's columns.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "parser/parse_coerce.h"
#include "utils/lsyscache.h"

#include "move/kept_former.h"
#include "move/kept_values.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "move/reference.h"
#include "move/reference_check.h"
#include "postgres/sql_text.h"
#include "release/twin_kept.h"
#include "release/twin_sql.h"

/* Append a condition: row k of the kept table belongs to the former column. */
static void
append_former(StringInfo sql, const Twin *twin, const FormerColumn *former)
{
	appendStringInfo(sql, "k.uid = $1 AND k.position = %d AND k.column_id = %d", twin->position,
					 former->kept_id);
}

/* Append a condition: p is the row to which k belongs. */
static void
append_row(StringInfo sql, const Twin *twin)
{
	twin_sql_has_key(sql, twin, "k.key");
	appendStringInfoString(sql, " AND ");
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
}

/*
 * What fits
 */

/*
 * Append a condition: production's value of a column that is new there is still null or the
 * default.
 */
static void
append_is_silent(StringInfo sql, const Column *column)
{
	StringInfoData up;

	twin_sql_is_silent(sql, column, SIDE_PRODUCTION);
	if (column->map[SIDE_GRAY] == NULL)
		return;
	initStringInfo(&up);
	twin_sql_up(&up, column);
	appendStringInfo(sql, " AND (k.home IS NULL OR k.home IS NOT DISTINCT FROM %s)",
					 sql_text_text(up.data));
}

/*
 * Append a condition: production's value is still the value that was stored beside the kept value.
 * The stored text is that of another type now; numbers and timestamps are compared as such.
 */
static void
append_is_unchanged(StringInfo sql, const Column *column)
{
	Oid	  type = column->type[SIDE_PRODUCTION];
	char *name = psprintf("p.%s", column->name[SIDE_PRODUCTION]);
	char  category = sql_text_category(type);

	appendStringInfo(sql, "(k.home IS NOT DISTINCT FROM %s", sql_text_text(name));
	if (category == TYPCATEGORY_NUMERIC && getBaseType(type) != MONEYOID)
		appendStringInfo(sql,
						 " OR CAST(k.home AS pg_catalog.\"numeric\") = CAST(%s AS pg_catalog.\"numeric\")",
						 name);
	else if (category == TYPCATEGORY_DATETIME)
	{
		appendStringInfoString(sql, " OR ");
		sql_text_from_text(sql, "k.home", type);
		appendStringInfo(sql, " = %s", name);
	}
	appendStringInfoChar(sql, ')');
}

static void
append_fits(StringInfo sql, const FormerColumn *former)
{
	if (!column_is_pair(former->column))
		appendStringInfoString(sql, "true");
	else if (former->same_pair)
		append_is_unchanged(sql, former->column);
	else
		append_is_silent(sql, former->column);
}

static void
forget_text(StringInfo sql, const Twin *twin, const void *detail)
{
	const FormerColumn *former = detail;

	appendStringInfo(sql, "DELETE FROM %s k WHERE ", twin->kept_table);
	append_former(sql, twin, former);
	appendStringInfo(sql, " AND NOT EXISTS (SELECT 1 FROM %s p WHERE ",
					 twin->table[SIDE_PRODUCTION]);
	append_row(sql, twin);
	appendStringInfoString(sql, " AND ");
	append_fits(sql, former);
	appendStringInfoChar(sql, ')');
}

/*
 * Giving
 */

/* A mapping makes production's value out of the whole gray row, which does not exist here. */
static bool
is_given(const Twin *twin, const FormerColumn *former)
{
	const Column *column = former->column;

	return column->map[SIDE_PRODUCTION] == NULL && !column->always &&
		   twin_sql_is_data(twin, column);
}

static void
give_text(StringInfo sql, const Twin *twin, const void *detail)
{
	const FormerColumn *former = detail;
	const Column	   *column = former->column;
	StringInfoData		value;

	initStringInfo(&value);
	sql_text_from_text(&value, "k.value", column->type[SIDE_GRAY]);
	appendStringInfo(sql, "UPDATE %s p SET %s = ", twin->table[SIDE_PRODUCTION],
					 column->name[SIDE_PRODUCTION]);
	twin_sql_cast_home(sql, column, value.data);
	appendStringInfo(sql, " FROM %s k WHERE ", twin->kept_table);
	append_former(sql, twin, former);
	appendStringInfoString(sql, " AND ");
	append_row(sql, twin);
	appendStringInfoString(sql, " RETURNING p.tableoid, p.ctid"); /* see late_unique.h */
}

/* The new values must refer to rows that exist. */
static void
check_references(Move *move, const Twin *twin)
{
	ListCell *cell;

	foreach(cell, reference_list(&move->prepared->references, twin, SIDE_PRODUCTION))
		reference_check_home(move, lfirst(cell));
}

/*
 * Relabelling as the present column
 */

static void
relabel_text(StringInfo sql, const Twin *twin, const void *detail)
{
	const FormerColumn *former = detail;
	const Column	   *column = former->column;

	appendStringInfo(sql, "UPDATE %s k SET column_id = %d, home = %s FROM %s p WHERE ",
					 twin->kept_table, column->kept_id,
					 column_is_pair(column)
						 ? sql_text_text(psprintf("p.%s", column->name[SIDE_PRODUCTION]))
						 : "k.home",
					 twin->table[SIDE_PRODUCTION]);
	append_former(sql, twin, former);
	appendStringInfoString(sql, " AND ");
	append_row(sql, twin);
}

/* Forget values that production gives back by itself. */
static void
forget_same_text(StringInfo sql, const Twin *twin, const void *detail)
{
	const FormerColumn *former = detail;
	StringInfoData		up;

	initStringInfo(&up);
	twin_sql_up(&up, former->column);
	appendStringInfo(sql, "DELETE FROM %s k USING %s p WHERE ", twin->kept_table,
					 twin->table[SIDE_PRODUCTION]);
	append_former(sql, twin, former);
	appendStringInfoString(sql, " AND ");
	append_row(sql, twin);
	appendStringInfo(sql, " AND k.value IS NOT DISTINCT FROM %s", sql_text_text(up.data));
}

static void
forget_given_text(StringInfo sql, const Twin *twin, const void *detail)
{
	appendStringInfo(sql, "DELETE FROM %s k WHERE ", twin->kept_table);
	append_former(sql, twin, detail);
}

/* Return true when production was written. */
static bool
settle(Move *move, const Twin *twin, const FormerColumn *former)
{
	bool kept = !column_is_pair(former->column) || twin_kept_wanted(twin, former->column);
	bool given = is_given(twin, former);

	(void) statement_run(move, (Statement){forget_text, twin, former}, &move->args);
	if (given)
		given = statement_write(move, (Statement){give_text, twin, former}, &move->args,
								SIDE_PRODUCTION) > 0;
	if (given)
		(void) statement_run(move, (Statement){forget_same_text, twin, former}, &move->args);
	(void) statement_run(move, (Statement){kept ? relabel_text : forget_given_text, twin, former},
						 &move->args);
	return given;
}

void
keep_former_settle(Move *move, const Twin *twin)
{
	bool given = false;

	if (twin->former_count == 0)
		return;
	keep_require_ids(move, twin);
	for (int i = 0; i < twin->former_count; i++)
		given |= settle(move, twin, &twin->former[i]);
	if (given)
		check_references(move, twin);
}
