/*
 * home_meaning.c: finds columns whose values changed their meaning since the rows were moved
 *
 * A gray row that nobody wrote is what the migration made of its frozen row, which nobody could
 * write meanwhile.  So only ALTER TABLE can have changed either.  When all gray rows were written
 * (ALTER TABLE itself rewrites all rows of a gray table), the majority of the rows decides.
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "move/failed_row.h"
#include "move/home_meaning.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/sql_text.h"
#include "release/release.h"
#include "release/twin_kept.h"
#include "release/twin_shape.h"
#include "release/twin_sql.h"
#include "user/stay.h"

/* In a table without a key, so many rows are looked for among all rows of the other side. */
#define SAMPLE_KEYLESS 100

/* When all rows were written, so many of them are examined. */
#define SAMPLE_WRITTEN 1000

/*
 * Conditions
 */

/* Return the ids under which values of the gray column are kept, as SQL array elements. */
static char *
kept_ids(const Twin *twin, const Column *column)
{
	StringInfoData ids;

	initStringInfo(&ids);
	if (column->kept_id != 0)
		appendStringInfo(&ids, "%d", column->kept_id);
	for (int i = 0; i < twin->former_count; i++)
	{
		if (twin->former[i].column == column)
			appendStringInfo(&ids, "%s%d", ids.len == 0 ? "" : ", ", twin->former[i].kept_id);
	}
	return ids.data;
}

/* Computed numbers and timestamps may be equal and look different: 1.25 and 1.2500. */
static void
append_not_equal(StringInfo sql, const Column *column, const char *value)
{
	StringInfoData up;
	char		   category = sql_text_category(column->type[SIDE_GRAY]);

	if (category != TYPCATEGORY_NUMERIC && category != TYPCATEGORY_DATETIME)
		return;
	initStringInfo(&up);
	twin_sql_up(&up, column);
	appendStringInfoString(sql, " AND (");
	sql_text_equal(sql, up.data, column->type[SIDE_GRAY], value, column->type[SIDE_GRAY]);
	appendStringInfoString(sql, ") IS NOT TRUE");
}

void
meaning_append_strange(StringInfo sql, const Twin *twin, const Column *column, const char *uid)
{
	char *ids = kept_ids(twin, column);
	char *value = psprintf("g.%s", column->name[SIDE_GRAY]);

	appendStringInfoString(sql, "pg_catalog.record_image_ne(ROW(");
	twin_sql_up(sql, column);
	appendStringInfo(sql, "), ROW(%s)) AND NOT ", value);
	twin_sql_leads_back(sql, column);
	append_not_equal(sql, column, value);
	if (twin->kept_table == NULL || *ids == '\0')
		return;
	appendStringInfo(sql,
					 " AND NOT EXISTS (SELECT 1 FROM %s k WHERE k.uid = %s AND k.position = %d"
					 " AND k.column_id IN (%s) AND k.value IS NOT DISTINCT FROM %s AND k.key = ",
					 twin->kept_table, uid, twin->position, ids, sql_text_text(value));
	twin_sql_key(sql, twin);
	appendStringInfoChar(sql, ')');
}

/* Append: FROM the user's rows g and their twins p. */
static void
append_twins(StringInfo sql, const Twin *twin)
{
	appendStringInfo(sql, " FROM %s g JOIN %s p ON ", twin->table[SIDE_GRAY],
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(sql, twin);
	appendStringInfoString(sql, " WHERE ");
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
}

#define NOBODY_WROTE " AND g.xmin = $2"

/*
 * Append a condition: the value tells something about its unit.  A value that is the same in any
 * unit, such as zero, does not.
 */
static void
append_tells(StringInfo sql, const Column *column)
{
	appendStringInfo(sql, "pg_catalog.btrim(%s, '{}0.,- ') <> ''",
					 sql_text_text(psprintf("g.%s", column->name[SIDE_GRAY])));
}

/*
 * Questions, each of which returns the key of a row when values changed their meaning
 */

static void
add_question(Meaning *meaning, const StringInfoData *sql)
{
	meaning->questions = lappend(meaning->questions, sql->data);
}

static void
ask_untouched(Meaning *meaning)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	failed_row_append_key(&sql, meaning->twin, SIDE_GRAY, "g");
	append_twins(&sql, meaning->twin);
	appendStringInfoString(&sql, NOBODY_WROTE " AND ");
	meaning_append_strange(&sql, meaning->twin, meaning->column, "$1");
	appendStringInfoString(&sql, " LIMIT 1");
	add_question(meaning, &sql);
}

/* Append a condition: no row p of the user is such that g's value can come from it. */
static void
append_strange_to_all(StringInfo sql, const Meaning *meaning)
{
	const Twin *twin = meaning->twin;

	appendStringInfo(sql, "NOT EXISTS (SELECT 1 FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(sql, " AND NOT (");
	meaning_append_strange(sql, twin, meaning->column, "$1");
	appendStringInfoString(sql, "))");
}

/* Append: FROM some rows g of the user. */
static void
append_sample(StringInfo sql, const Twin *twin, const char *which, int rows)
{
	appendStringInfo(sql, " FROM (SELECT g.* FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
	appendStringInfo(sql, "%s LIMIT %d) g", which, rows);
}

/*
 * With a changed key, a row and its twin do not find each other: the way home would delete the row
 * and insert it anew.
 */
static void
ask_lost_twins(Meaning *meaning)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	failed_row_append_key(&sql, meaning->twin, SIDE_GRAY, "g");
	appendStringInfo(&sql, " FROM %s g WHERE ", meaning->twin->table[SIDE_GRAY]);
	twin_sql_owned(&sql, meaning->twin, SIDE_GRAY, "g");
	appendStringInfo(&sql, NOBODY_WROTE " AND NOT EXISTS (SELECT 1 FROM %s p WHERE ",
					 meaning->twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(&sql, meaning->twin);
	appendStringInfoString(&sql, ") LIMIT 1");
	add_question(meaning, &sql);
}

static void
ask_untouched_keyless(Meaning *meaning)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT NULL::pg_catalog.text");
	append_sample(&sql, meaning->twin, NOBODY_WROTE, SAMPLE_KEYLESS);
	appendStringInfoString(&sql, " WHERE ");
	append_strange_to_all(&sql, meaning);
	appendStringInfoString(&sql, " LIMIT 1");
	add_question(meaning, &sql);
}

/*
 * Append a condition: no row that nobody wrote tells something.  Such a row is not strange, or the
 * question before this one would have returned a row.
 */
static void
append_unless_witness(StringInfo sql, const Meaning *meaning)
{
	appendStringInfo(sql, " AND NOT EXISTS (SELECT 1 FROM %s g WHERE ",
					 meaning->twin->table[SIDE_GRAY]);
	twin_sql_owned(sql, meaning->twin, SIDE_GRAY, "g");
	appendStringInfoString(sql, NOBODY_WROTE " AND ");
	append_tells(sql, meaning->column);
	appendStringInfoChar(sql, ')');
}

/*
 * Append the head of a question about the majority of a sample, which the caller appends: SELECT
 * key, strange.
 */
static void
append_most_of(StringInfo sql)
{
	appendStringInfoString(sql, "SELECT min(key) FILTER (WHERE strange) FROM (SELECT ");
}

static void
append_most(StringInfo sql, const Meaning *meaning)
{
	appendStringInfoString(sql, ") AS sample HAVING 2 * count(*) FILTER (WHERE strange) > count(*)");
	append_unless_witness(sql, meaning);
}

static void
ask_most(Meaning *meaning)
{
	StringInfoData sql;

	initStringInfo(&sql);
	append_most_of(&sql);
	failed_row_append_key(&sql, meaning->twin, SIDE_GRAY, "g");
	appendStringInfoString(&sql, " AS key, ");
	meaning_append_strange(&sql, meaning->twin, meaning->column, "$1");
	appendStringInfoString(&sql, " AS strange");
	append_twins(&sql, meaning->twin);
	appendStringInfoString(&sql, " AND ");
	append_tells(&sql, meaning->column);
	appendStringInfo(&sql, " LIMIT %d", SAMPLE_WRITTEN);
	append_most(&sql, meaning);
	add_question(meaning, &sql);
}

/*
 * Rows that were made in gray have no twin either, so only a user with rows in production can
 * tell.
 */
static void
append_unless_empty(StringInfo sql, const Twin *twin)
{
	appendStringInfo(sql, " AND EXISTS (SELECT 1 FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoChar(sql, ')');
}

static void
ask_most_keyless(Meaning *meaning)
{
	StringInfoData sql;

	initStringInfo(&sql);
	append_most_of(&sql);
	appendStringInfoString(&sql, "NULL::pg_catalog.text AS key, ");
	append_strange_to_all(&sql, meaning);
	appendStringInfoString(&sql, " AS strange");
	append_sample(&sql, meaning->twin, "", SAMPLE_KEYLESS);
	appendStringInfoString(&sql, " WHERE ");
	append_tells(&sql, meaning->column);
	append_most(&sql, meaning);
	append_unless_empty(&sql, meaning->twin);
	add_question(meaning, &sql);
}

/*
 * Columns
 */

/* True when the ALTER TABLE changed the column's values, as far as that can be told. */
static bool
is_rewritten(const Meaning *meaning, const Altered *altered)
{
	const Stay *stay = altered->stay;

	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		if (stay_is_altered(stay, meaning->column, side) && !meaning->column->along[side] &&
			stay->storage != NULL &&
			twin_shape_storage_of(stay->storage[altered->place], side) != meaning->twin->files[side])
			return true;
	}
	return false;
}

/* True when a mapping that was made after the change answers the question. */
static bool
is_answered(const Column *column)
{
	return column->map[SIDE_GRAY] != NULL && column->map[SIDE_PRODUCTION] != NULL &&
		   column->mapped >= Max(column->altered[SIDE_PRODUCTION], column->altered[SIDE_GRAY]);
}

/*
 * True when the column seems to have got the other side's type, as production's columns do at the
 * end of a release.
 */
static bool
has_followed(const Meaning *meaning, const Altered *altered)
{
	Altered ignored;

	return column_is_verbatim(meaning->column) && meaning->column->map[SIDE_PRODUCTION] == NULL &&
		   stay_find_altered(&ignored, altered->stay, altered->place, meaning->twin);
}

static void
ask(Meaning *meaning, const Altered *altered)
{
	const Column *column = meaning->column;
	bool		  most =
		is_rewritten(meaning, altered) && !is_answered(column) && !has_followed(meaning, altered);

	if (twin_is_key(meaning->twin, column))
	{
		/* Rows that a replaced table lacks are handled by home_absence.c. */
		if (!stay_is_another(altered->stay, altered->place, SIDE_PRODUCTION,
							 meaning->twin->relation[SIDE_PRODUCTION]))
			ask_lost_twins(meaning);
	}
	else if (meaning->twin->key_count == 0)
	{
		ask_untouched_keyless(meaning);
		if (most)
			ask_most_keyless(meaning);
	}
	else
	{
		ask_untouched(meaning);
		if (most)
			ask_most(meaning);
	}
}

static Meaning *
find(const Twin *twin, const Column *column, const Altered *altered)
{
	bool	 in_production = stay_is_altered(altered->stay, column, SIDE_PRODUCTION);
	Meaning *meaning;

	if (!column_is_pair(column) || !twin_sql_is_data(twin, column) ||
		stay_is_new_pair(altered, column) ||
		(!in_production && !stay_is_altered(altered->stay, column, SIDE_GRAY)))
		return NULL;
	meaning = palloc0(sizeof(Meaning));
	meaning->twin = twin;
	meaning->column = column;
	meaning->side = in_production ? SIDE_PRODUCTION : SIDE_GRAY;
	ask(meaning, altered);
	return meaning;
}

List *
meaning_list(const TwinSet *set, const Stay *stay)
{
	List *list = NIL;

	if (stay->xid == 0 || stay->since_full == 0)
		return NIL;
	for (int i = 0; i < set->count; i++)
	{
		for (int j = 0; j < set->twins[i].column_count; j++)
		{
			Meaning *meaning = find(&set->twins[i], &set->twins[i].columns[j], &(Altered){stay, i});

			if (meaning != NULL)
				list = lappend(list, meaning);
		}
	}
	return list;
}

QueryArgs
meaning_args(const QueryArgs *uid, const Stay *stay)
{
	QueryArgs args = *uid;

	query_arg(&args, XIDOID, TransactionIdGetDatum(stay->xid));
	return args;
}

/*
 * Refusal
 */

char *
meaning_column(const Meaning *meaning)
{
	return psprintf("%s.%s", meaning->twin->table[meaning->side],
					meaning->column->name[meaning->side]);
}

char *
meaning_hint(const Meaning *meaning)
{
	const Twin *twin = meaning->twin;
	char *name = get_attname(twin->relation[SIDE_GRAY], meaning->column->attnum[SIDE_GRAY], false);
	char *undo = psprintf("ALTER TABLE %s ALTER %s TYPE ... USING ...", twin->table[meaning->side],
						  meaning->column->name[meaning->side]);

	if (twin_is_key(twin, meaning->column))
		return psprintf("Undo the change: %s; rows and their twins know each other by it.", undo);
	return psprintf("Undo the change (%s); or SELECT gray_map(%s, %s, up => '...', down => '...') with what each is made of.",
					undo, quote_literal_cstr(twin->table[SIDE_GRAY]), quote_literal_cstr(name));
}

static void
raise(const Move *move, const Meaning *meaning, char *key)
{
	failed_row_is(move, meaning->twin, SIDE_PRODUCTION, key);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("column %s was altered while the user was in gray, and its values mean something else now",
					meaning_column(meaning)),
			 key == NULL ? 0 : errdetail("That of row %s would come home with another value.", key),
			 errhint("%s", meaning_hint(meaning))));
}

void
meaning_refuse_changed(Move *move)
{
	QueryArgs args = meaning_args(&move->args, move->stay);
	ListCell *cell;
	ListCell *question;

	foreach(cell, meaning_list(move->prepared->set, move->stay))
	{
		const Meaning *meaning = lfirst(cell);

		foreach(question, meaning->questions)
		{
			if (statement_run_once(move, lfirst(question), &args) > 0)
				raise(move, meaning, query_text(0, 1));
		}
	}
}
