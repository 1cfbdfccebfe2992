/*
 * made_rows.c: rows of an own table that the migration makes of production's rows
 *
 * A base is an object of JSON: for each key, the texts of the query's columns.  Formats are pinned,
 * so that the text of a value is always the same.  A row that was deleted in gray is told from a
 * row that was never there by the query's keys before production is written: these rows were made
 * when the stay began.
 *
 * In the statements, m is a row of the query, g a row of the table, $1 the uid, $2 a base or keys.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/datum.h"

#include "fence/fence_hook.h"
#include "move/hook_run.h"
#include "move/made_rows.h"
#include "move/move_step.h"
#include "move/park.h"
#include "move/prepared.h"
#include "own/made_load.h"
#include "postgres/query.h"
#include "postgres/role.h"
#include "postgres/sql_text.h"
#include "release/own_load.h"
#include "release/release.h"
#include "release/twin_sql.h"
#include "user/stay.h"
#include "user/uid.h"

/* The keys that made_rows_note has found. */
typedef struct MadeKeys
{
	const Uid	   *uid;
	const MadeRows *made;
	Datum			keys;
} MadeKeys;

/*
 * SQL
 */

/* Append "(SELECT q.a::t AS a, ... FROM (query) q) m". */
static void
append_made(StringInfo sql, const MadeRows *made)
{
	ListCell *cell;

	appendStringInfoString(sql, "(SELECT ");
	foreach(cell, made->columns)
	{
		const MadeColumn *column = lfirst(cell);

		appendStringInfo(sql, "%sq.%s::%s AS %s", foreach_current_index(cell) == 0 ? "" : ", ",
						 column->name, format_type_be_qualified(column->column->type[SIDE_GRAY]),
						 column->name);
	}
	appendStringInfo(sql, " FROM (%s) q) m", made->query);
}

/* Append "m.a, m.b": the columns, or those of the key. */
static void
append_columns(StringInfo sql, const MadeRows *made, const char *prefix, const char *suffix,
			   bool only_key)
{
	const char *separator = "";
	ListCell   *cell;

	foreach(cell, made->columns)
	{
		const MadeColumn *column = lfirst(cell);

		if (only_key && !column->is_key)
			continue;
		appendStringInfo(sql, "%s%s%s%s", separator, prefix, column->name, suffix);
		separator = ", ";
	}
}

static char *
key_of(const MadeRows *made, const char *prefix)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "ROW(");
	append_columns(&sql, made, prefix, "", true);
	appendStringInfoString(&sql, ")::text");
	return sql.data;
}

static char *
base_of(const MadeRows *made, const char *prefix)
{
	StringInfoData sql;
	ListCell	  *cell;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "jsonb_object(ARRAY[");
	foreach(cell, made->columns)
		appendStringInfo(&sql, "%s%s", foreach_current_index(cell) == 0 ? "" : ", ",
						 quote_literal_cstr(((const MadeColumn *) lfirst(cell))->name));
	appendStringInfoString(&sql, "]::text[], ARRAY[");
	append_columns(&sql, made, prefix, "::text", false);
	appendStringInfoString(&sql, "]::text[])");
	return sql.data;
}

/* Append a condition: m has the key of the row with this alias, which may be parked. */
static void
append_same_key(StringInfo sql, const MadeRows *made, const char *alias, bool parked)
{
	const char *separator = "";
	ListCell   *cell;

	foreach(cell, made->columns)
	{
		const MadeColumn *column = lfirst(cell);
		Oid				  type = column->column->type[SIDE_GRAY];
		StringInfoData	  value;

		if (!column->is_key)
			continue;
		appendStringInfoString(sql, separator);
		initStringInfo(&value);
		if (parked)
			own_parked_value(&value, column->column,
							 psprintf("%s.%s", alias, column->column->parked));
		else
			appendStringInfo(&value, "%s.%s", alias, column->name);
		sql_text_equal(sql, psprintf("m.%s", column->name), type, value.data, type);
		separator = " AND ";
	}
}

/* Append a condition: production's value of a column is not that of the base. */
static void
append_is_changed(StringInfo sql, const MadeRows *made, const MadeColumn *column)
{
	const char *name = quote_literal_cstr(column->name);
	const char *key = key_of(made, "m.");

	appendStringInfo(sql,
					 "(($2 -> %s -> %s IS NULL OR $2 -> %s ->> %s IS DISTINCT FROM m.%s::text)"
					 " AND g.%s::text IS DISTINCT FROM m.%s::text)",
					 key, name, key, name, column->name, column->name, column->name);
}

/* Rows whose origin in production is gone, and which are as they were made. */
static void
delete_text(StringInfo sql, const MadeRows *made)
{
	const char *key = key_of(made, "g.");

	appendStringInfo(sql, "DELETE FROM %s g WHERE ", made->own->table[SIDE_GRAY]);
	twin_sql_owned(sql, made->own, SIDE_GRAY, "g");
	appendStringInfo(sql, " AND $2 -> %s = %s AND NOT EXISTS (SELECT 1 FROM ", key,
					 base_of(made, "g."));
	append_made(sql, made);
	appendStringInfoString(sql, " WHERE ");
	append_same_key(sql, made, "g", false);
	appendStringInfoChar(sql, ')');
}

static void
update_text(StringInfo sql, const MadeRows *made)
{
	StringInfoData any;
	const char	  *separator = "";
	ListCell	  *cell;

	initStringInfo(&any);
	appendStringInfo(sql, "UPDATE %s g SET ", made->own->table[SIDE_GRAY]);
	foreach(cell, made->columns)
	{
		const MadeColumn *column = lfirst(cell);

		if (column->is_key)
			continue;
		appendStringInfo(sql, "%s%s = CASE WHEN ", separator, column->name);
		append_is_changed(sql, made, column);
		appendStringInfo(sql, " THEN m.%s ELSE g.%s END", column->name, column->name);
		appendStringInfoString(&any, *separator == '\0' ? "" : " OR ");
		append_is_changed(&any, made, column);
		separator = ", ";
	}
	appendStringInfoString(sql, " FROM ");
	append_made(sql, made);
	appendStringInfoString(sql, " WHERE ");
	twin_sql_owned(sql, made->own, SIDE_GRAY, "g");
	appendStringInfoString(sql, " AND ");
	append_same_key(sql, made, "g", false);
	appendStringInfo(sql, " AND (%s)", any.data);
}

/* Rows that production got since, or changed; not those that were deleted in gray. */
static void
insert_text(StringInfo sql, const MadeRows *made)
{
	appendStringInfo(sql, "INSERT INTO %s (", made->own->table[SIDE_GRAY]);
	append_columns(sql, made, "", "", false);
	appendStringInfoString(sql, ") OVERRIDING SYSTEM VALUE SELECT ");
	append_columns(sql, made, "m.", "", false);
	appendStringInfoString(sql, " FROM ");
	append_made(sql, made);
	appendStringInfo(sql,
					 " WHERE $2 -> %s IS DISTINCT FROM %s AND NOT EXISTS (SELECT 1 FROM %s g WHERE ",
					 key_of(made, "m."), base_of(made, "m."), made->own->table[SIDE_GRAY]);
	append_same_key(sql, made, "g", false);
	appendStringInfoString(sql, " AND ");
	twin_sql_owned(sql, made->own, SIDE_GRAY, "g");
	appendStringInfo(sql, ") AND NOT EXISTS (SELECT 1 FROM %s k WHERE k.parked_uid = $1 AND ",
					 made->own->parked_table);
	append_same_key(sql, made, "k", true);
	appendStringInfoChar(sql, ')');
}

static void
keys_text(StringInfo sql, const MadeRows *made)
{
	appendStringInfo(sql, "SELECT coalesce(jsonb_object_agg(%s, true), '{}') FROM ",
					 key_of(made, "m."));
	append_made(sql, made);
}

static void
base_text(StringInfo sql, const MadeRows *made)
{
	appendStringInfo(sql, "SELECT coalesce(jsonb_object_agg(%s, %s), '{}') FROM ",
					 key_of(made, "m."), base_of(made, "m."));
	append_made(sql, made);
	appendStringInfo(sql, " WHERE $2 ? %s OR EXISTS (SELECT 1 FROM %s g WHERE ", key_of(made, "m."),
					 made->own->table[SIDE_GRAY]);
	twin_sql_owned(sql, made->own, SIDE_GRAY, "g");
	appendStringInfoString(sql, " AND ");
	append_same_key(sql, made, "g", false);
	appendStringInfoChar(sql, ')');
}

/*
 * Running
 */

/* That is no user's fault: nobody fails, but who is in gray is stuck. */
static void
refuse_gone_columns(Move *move, const MadeRows *made)
{
	ListCell *cell;

	foreach(cell, made->columns)
	{
		const MadeColumn *column = lfirst(cell);

		if (column->column != NULL)
			continue;
		move->unfit = move->kind == MOVE_MIGRATE;
		move->plain = true;
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("column %s of table %s, which gray_rows fills, is gone",
							   column->name, made->own->table[SIDE_GRAY]),
						errhint("Call gray_rows again, with a query for the present columns.")));
	}
}

static void
tell_made(void *arg)
{
	errcontext("rows that gray_rows makes for table %s",
			   ((const MadeRows *) arg)->own->table[SIDE_GRAY]);
}

/* Run a statement, which may call functions of the application. */
static void
run(Move *move, const MadeRows *made, void (*text)(StringInfo, const MadeRows *),
	const QueryArgs *args)
{
	ErrorContextCallback tell = {error_context_stack, tell_made, unconstify(MadeRows *, made)};
	StringInfoData		 sql;

	error_context_stack = &tell;
	refuse_gone_columns(move, made);
	initStringInfo(&sql);
	text(&sql, made);
	fence_hook_begin(HOOK_AFTER_MIGRATE);
	PG_TRY();
	{
		(void) query_run(sql.data, args);
	}
	PG_FINALLY();
	{
		fence_hook_end();
	}
	PG_END_TRY();
	error_context_stack = tell.previous;
}

/* Return the object of JSON that the last query has given. */
static Datum
take_json(void)
{
	bool  is_null;
	Datum value = query_value(0, 1, &is_null);

	return datumCopy(value, false, -1);
}

static QueryArgs
args_of(const Move *move, const MadeRows *made)
{
	QueryArgs args = {0};

	query_arg_int(&args, move->release->id);
	query_arg_int(&args, made->own->position);
	query_arg_text(&args, move->uid->text);
	return args;
}

/* Append the user's base as $2, maybe null. */
static void
arg_base(QueryArgs *args, const Move *move, const MadeRows *made)
{
	QueryArgs  of_base = args_of(move, made);
	RoleSwitch before;
	bool	   found;

	role_become_catalog_owner(&before);
	found = query_run("SELECT base FROM gray.made_base"
					  " WHERE release_id = $1 AND position = $2 AND uid = $3",
					  &of_base) > 0;
	query_arg(args, JSONBOID, found ? take_json() : (Datum) 0);
	if (!found)
		args->nulls[args->count - 1] = 'n';
	role_return(&before);
}

static bool
has_values(const MadeRows *made)
{
	ListCell *cell;

	foreach(cell, made->columns)
	{
		if (!((const MadeColumn *) lfirst(cell))->is_key)
			return true;
	}
	return false;
}

void
made_rows_make(Move *move)
{
	ListCell *cell;

	if (move->prepared->made == NIL)
		return;
	hook_prepare(move);
	foreach(cell, move->prepared->made)
	{
		const MadeRows *made = lfirst(cell);
		QueryArgs		args = move->args;

		arg_base(&args, move, made);
		run(move, made, delete_text, &args);
		if (has_values(made))
			run(move, made, update_text, &args);
		run(move, made, insert_text, &args);
		move->own_rows[made->own - move->prepared->set->own] = STAY_OWN_ROWS_UNKNOWN;
	}
}

static void
note_of_user(Move *move)
{
	ListCell *cell;

	foreach(cell, move->prepared->made)
	{
		MadeKeys *keys = palloc(sizeof(MadeKeys));

		run(move, lfirst(cell), keys_text, &move->args);
		*keys = (MadeKeys){move->uid, lfirst(cell), take_json()};
		*move->made_keys = lappend(*move->made_keys, keys);
	}
}

void
made_rows_note(Move *move)
{
	if (move->prepared->made == NIL)
		return;
	move->made_keys = palloc0(sizeof(List *));
	park_each_user(move, note_of_user);
}

static Datum
noted_keys(const Move *move, const MadeRows *made)
{
	ListCell *cell;

	foreach(cell, *move->made_keys)
	{
		const MadeKeys *keys = lfirst(cell);

		if (keys->made == made && strcmp(keys->uid->text, move->uid->text) == 0)
			return keys->keys;
	}
	elog(ERROR, "no keys were noted");
}

static void
record_base(const Move *move, const MadeRows *made, Datum base)
{
	QueryArgs  args = args_of(move, made);
	RoleSwitch before;

	query_arg(&args, JSONBOID, base);
	role_become_catalog_owner(&before);
	query_run("INSERT INTO gray.made_base (release_id, position, uid, base) VALUES ($1, $2, $3, $4)"
			  " ON CONFLICT (release_id, position, uid) DO UPDATE SET base = excluded.base",
			  &args);
	role_return(&before);
}

static void
record_of_user(Move *move)
{
	ListCell *cell;

	foreach(cell, move->prepared->made)
	{
		const MadeRows *made = lfirst(cell);
		QueryArgs		args = move->args;

		query_arg(&args, JSONBOID, noted_keys(move, made));
		run(move, made, base_text, &args);
		record_base(move, made, take_json());
	}
}

void
made_rows_record(Move *move)
{
	if (move->prepared->made != NIL)
		park_each_user(move, record_of_user);
}
