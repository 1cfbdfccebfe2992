/*
 * kept_values.c: keeps the values that only gray can hold for the user's next stay there
 *
 * Life of a kept value: on the way home, when production has been written, the value is put into
 * gray.kept_ID under its row's key and its column's id.  The next migration forgets the values
 * that no longer fit production's values, and copies the others into gray with the rows.  During
 * the stay the kept values remain: they are part of the gray rows as they came (twin_sql.h).  On
 * the way home they are replaced for the rows that were changed. gray_discard leaves them as they
 * are.
 *
 * These values are kept:
 *   - of a gray-only column, a value that differs from the one that a migration would give: its
 *     default, or its `up` now.  Every value, when its default differs each time.  When the default
 *     was changed during the stay, also values of rows that nobody wrote: they had the old one.
 *   - of a pair, a gray value to which production's value does not lead back.
 * Beside the kept value stands production's value at that time: its value of the pair, or that of
 * `up`.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "move/kept_values.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/sql_text.h"
#include "release/release.h"
#include "release/twin_kept.h"
#include "release/twin_sql.h"

/*
 * Columns
 */

/*
 * Return an expression for the value that is stored beside a kept value; null: none is stored, and
 * the kept value always fits.
 */
static char *
home_of(const Column *column)
{
	if (column_is_pair(column))
		return sql_text_text(psprintf("p.%s", column->name[SIDE_PRODUCTION]));
	return column->map[SIDE_GRAY] != NULL ? sql_text_text(column->map[SIDE_GRAY]) : NULL;
}

static bool
is_kept(const Twin *twin, const Column *column)
{
	return column->kept_id != 0 && twin_kept_wanted(twin, column);
}

/* True when another migration would give another value, whatever was done in gray. */
static bool
is_always_kept(const Column *column)
{
	return column_is_lone(column, SIDE_GRAY) && column->map[SIDE_GRAY] == NULL && column->varies;
}

static bool
has_kept(const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (is_kept(twin, &twin->columns[i]))
			return true;
	}
	return false;
}

static bool
has_always_kept(const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (is_always_kept(&twin->columns[i]))
			return true;
	}
	return false;
}

/* The registry was locked when the prepared was loaded.  A new kept table may not be locked. */
void
keep_require_ids(const Move *move, const Twin *twin)
{
	bool missing = false;

	for (int i = 0; i < twin->column_count; i++)
		missing |= twin->columns[i].kept_id == 0 && twin_kept_wanted(twin, &twin->columns[i]);
	if (!missing)
		return;
	prepared_forget(move->prepared);
	ereport(ERROR, (errcode(ERRCODE_LOCK_NOT_AVAILABLE),
					errmsg("could not obtain lock on relation \"gray.release_table\""),
					errdetail("Table %s has a new column that is to be registered.",
							  twin->table[SIDE_GRAY])));
}

/*
 * Forgetting
 */

static void
append_kept_of_table(StringInfo sql, const Twin *twin)
{
	appendStringInfo(sql, "k.uid %s AND k.position = %d", twin_sql_is_user(), twin->position);
}

/*
 * Append: or the kept value belongs to this column, and production's value is still the one stored
 * beside it.
 */
static void
append_column_fits(StringInfo sql, int kept_id, const char *home)
{
	appendStringInfo(sql, " OR (k.column_id = %d", kept_id);
	if (home != NULL)
		appendStringInfo(sql, " AND k.home IS NOT DISTINCT FROM %s", home);
	appendStringInfoChar(sql, ')');
}

static void
append_fits(StringInfo sql, const Twin *twin)
{
	appendStringInfoString(sql, "(false");
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (is_kept(twin, column))
			append_column_fits(sql, column->kept_id, home_of(column));
	}
	for (int i = 0; i < twin->former_count; i++)
		append_column_fits(sql, twin->former[i].kept_id, NULL);
	appendStringInfoChar(sql, ')');
}

static void
forget_stale_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s k WHERE ", twin->kept_table);
	append_kept_of_table(sql, twin);
	appendStringInfo(sql, " AND NOT EXISTS (SELECT 1 FROM %s p WHERE ",
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_has_key(sql, twin, "k.key");
	appendStringInfoString(sql, " AND ");
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(sql, " AND ");
	append_fits(sql, twin);
	appendStringInfoChar(sql, ')');
}

static void
forget_picked_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s k USING %s g, %s p WHERE ", twin->kept_table,
					 twin->table[SIDE_GRAY], twin->table[SIDE_PRODUCTION]);
	append_kept_of_table(sql, twin);
	appendStringInfoString(sql, " AND g.ctid = ANY ($2) AND ");
	twin_sql_same_key(sql, twin);
	appendStringInfoString(sql, " AND k.key = ");
	twin_sql_key(sql, twin);
}

static void
forget_all_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s k WHERE ", twin->kept_table);
	append_kept_of_table(sql, twin);
}

/*
 * Keeping
 */

/* The values of gray row g that may have to be kept. */
typedef struct Candidates
{
	StringInfoData rows;   /* (column_id, value, home, wanted), ... */
	StringInfoData values; /* values of g */
	StringInfoData ups;	   /* the values that a migration would give in their place */
	bool		   always; /* some values are kept in any case */
} Candidates;

static void
append_candidate(Candidates *candidates, const Column *column)
{
	const char	  *separator = candidates->rows.len == 0 ? "" : ", ";
	char		  *value = psprintf("g.%s", column->name[SIDE_GRAY]);
	char		  *home = home_of(column);
	bool		   always = is_always_kept(column);
	StringInfoData up;

	initStringInfo(&up);
	twin_sql_up(&up, column);
	appendStringInfo(&candidates->rows, "%s(%d, %s, %s, ", separator, column->kept_id,
					 sql_text_text(value), home != NULL ? home : sql_text_text("NULL"));
	appendStringInfo(&candidates->values, "%s%s", separator, value);
	appendStringInfo(&candidates->ups, "%s%s", separator, always ? value : up.data);
	candidates->always |= always;
	if (always)
		appendStringInfoString(&candidates->rows, "true)");
	else
		appendStringInfo(&candidates->rows, "pg_catalog.record_image_ne(ROW(%s), ROW(%s)))",
						 up.data, value);
}

static void
find_candidates(Candidates *candidates, const Twin *twin)
{
	initStringInfo(&candidates->rows);
	initStringInfo(&candidates->values);
	initStringInfo(&candidates->ups);
	candidates->always = false;
	for (int i = 0; i < twin->column_count; i++)
	{
		if (is_kept(twin, &twin->columns[i]))
			append_candidate(candidates, &twin->columns[i]);
	}
}

/*
 * The uid is that of the state row (docs/concepts.md).  A value that is kept already still is
 * right, so it stays.
 */
static void
append_keep(StringInfo sql, const Twin *twin, bool picked)
{
	Candidates candidates;

	find_candidates(&candidates, twin);
	appendStringInfo(sql,
					 "INSERT INTO %s (uid, position, key, column_id, value, home)"
					 " SELECT s.uid, %d, ",
					 twin->kept_table, twin->position);
	twin_sql_key(sql, twin);
	appendStringInfo(sql,
					 ", v.column_id, v.value, v.home FROM %s s, %s g, %s p,"
					 " LATERAL (VALUES %s) v (column_id, value, home, wanted) WHERE s.uid %s AND ",
					 twin->state_table, twin->table[SIDE_GRAY], twin->table[SIDE_PRODUCTION],
					 candidates.rows.data, twin_sql_is_user());
	twin_sql_same_key(sql, twin);
	appendStringInfoString(sql, " AND ");
	if (picked)
		appendStringInfoString(sql, "g.ctid = ANY ($2)");
	else
		twin_sql_owned_by(sql, twin, SIDE_GRAY, "g",
						  twin_sql_is_together() ? "OPERATOR(pg_catalog.=) s.uid"
												 : twin_sql_is_user());
	if (twin->uid_column != NULL)
	{
		appendStringInfoString(sql, " AND ");
		twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	}
	/* Most rows have no value to keep; this condition tells them quickly. */
	if (!candidates.always)
		appendStringInfo(sql, " AND pg_catalog.record_image_ne(ROW(%s), ROW(%s))",
						 candidates.ups.data, candidates.values.data);
	appendStringInfoString(sql, " AND v.wanted ON CONFLICT DO NOTHING");
}

static void
keep_all_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_keep(sql, twin, false);
}

static void
keep_picked_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_keep(sql, twin, true);
}

/*
 * The way home
 */

typedef void (*Text)(StringInfo sql, const Twin *twin, const void *detail);

static void
run(const Move *move, const Twin *twin, Text text, const QueryArgs *args)
{
	(void) statement_run(move, (Statement){text, twin, NULL}, args);
}

/* Values of rows that are as they were moved are kept already. */
static void
keep_changed_rows(const Move *move, const HomeChanges *change)
{
	const Twin *twin = change->twin;

	if (change->deleted)
		keep_forget_stale(move, twin);
	if (change->picked_count > 0)
		run(move, twin, forget_picked_text, &change->picked);
	if (has_always_kept(twin))
		run(move, twin, keep_all_text, &move->args);
	else if (change->picked_count > 0 && has_kept(twin))
		run(move, twin, keep_picked_text, &change->picked);
}

static void
keep_any_rows(const Move *move, const Twin *twin)
{
	run(move, twin, forget_all_text, &move->args);
	if (has_kept(twin))
		run(move, twin, keep_all_text, &move->args);
}

void
keep_rows(Move *move, const HomeChanges *changes)
{
	const TwinSet *set = move->prepared->set;

	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];

		if (twin->kept_table == NULL || (changes != NULL && home_changes_is_none(&changes[i]) &&
										 !changes[i].new_defaults && !has_always_kept(twin)))
			continue;
		keep_require_ids(move, twin);
		move_step_begin(move, twin, "keep");
		if (changes != NULL && changes[i].exact && !changes[i].new_defaults)
			keep_changed_rows(move, &changes[i]);
		else
			keep_any_rows(move, twin);
	}
}

int
keep_steps(const TwinSet *set)
{
	int steps = 0;

	for (int i = 0; i < set->count; i++)
		steps += set->twins[i].kept_table != NULL;
	return steps;
}

/*
 * The next migration
 */

bool
keep_has(const Move *move)
{
	return keep_steps(move->prepared->set) > 0 &&
		   query_run_saved(psprintf("SELECT 1 FROM %s WHERE uid = $1 LIMIT 1",
									move->release->kept_table),
						   &move->args) > 0;
}

static void
has_of_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "SELECT 1 FROM %s k WHERE ", twin->kept_table);
	append_kept_of_table(sql, twin);
	appendStringInfoString(sql, " LIMIT 1");
}

bool
keep_has_of(const Move *move, const Twin *twin)
{
	return twin->kept_table != NULL &&
		   statement_run(move, (Statement){has_of_text, twin, NULL}, &move->args) > 0;
}

void
keep_forget_stale(const Move *move, const Twin *twin)
{
	run(move, twin, forget_stale_text, &move->args);
}
