/*
 * park.c: takes a user's rows out of own tables, which only version 2 has
 *
 * The rows are taken out by one statement, DELETE ... RETURNING into the parked table.  A SELECT
 * and a DELETE would lose a write that is committed between the two.  When nobody has written a
 * user's rows of a table since they were put back, the parked rows are the same rows, and are left
 * alone.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#include "move/move_step.h"
#include "move/park.h"
#include "move/park_aside.h"
#include "move/park_sql.h"
#include "move/prepared.h"
#include "release/twin_sql.h"
#include "user/stay.h"
#include "user/uid.h"

void
park_each_user(Move *move, void (*each)(Move *move))
{
	ListCell *cell;

	if (move->together == NIL)
	{
		each(move);
		return;
	}
	foreach(cell, move->together)
	{
		const Uid *uid = lfirst(cell);
		Move	   single = *move;

		twin_sql_set_together(false);
		single.together = NIL;
		single.uid = unconstify(Uid *, uid);
		single.args.count = 0;
		query_arg(&single.args, uid->type, uid->value);
		each(&single);
		move->row_count = single.row_count;
	}
	twin_sql_set_together(true);
}

/*
 * Statements
 */

static void
count_text(StringInfo sql, const Twin *own, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql,
					 "SELECT count(*), count(*) FILTER (WHERE g.xmin = $2), EXISTS (SELECT 1 FROM %s k"
					 " WHERE k.parked_uid = $1 AND k.parked_waits AND k.parked_late) FROM %s g WHERE ",
					 own->parked_table, own->table[SIDE_GRAY]);
	twin_sql_owned(sql, own, SIDE_GRAY, "g");
}

static void
forget_text(StringInfo sql, const Twin *own, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s k WHERE k.parked_uid = $1 AND NOT k.parked_waits",
					 own->parked_table);
}

/* The rows that were put aside during the stay belong to what the user has now. */
static void
settle_text(StringInfo sql, const Twin *own, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql,
					 "UPDATE %s k SET parked_late = false WHERE k.parked_uid = $1 AND k.parked_late",
					 own->parked_table);
}

static void
unsettle_text(StringInfo sql, const Twin *own, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s k WHERE k.parked_uid = $1 AND k.parked_late",
					 own->parked_table);
}

static void
delete_text(StringInfo sql, const Twin *own, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s g WHERE ", own->table[SIDE_GRAY]);
	twin_sql_owned(sql, own, SIDE_GRAY, "g");
}

static void
park_text(StringInfo sql, const Twin *own, const void *detail pg_attribute_unused())
{
	appendStringInfoString(sql, "WITH gone AS (");
	delete_text(sql, own, NULL);
	appendStringInfoString(sql, " RETURNING 1");
	park_sql_as_parked(sql, own, "g");
	appendStringInfo(sql, ") INSERT INTO %s (parked_uid", own->parked_table);
	park_sql_parked_columns(sql, own, "");
	appendStringInfoString(sql, ") SELECT $1");
	park_sql_parked_columns(sql, own, "gone.");
	appendStringInfoString(sql, " FROM gone");
}

static uint64
run(const Move *move, void (*text)(StringInfo, const Twin *, const void *), const Twin *own)
{
	return statement_run(move, (Statement){text, own, NULL}, &move->args);
}

/*
 * One table
 */

/* True when the user's rows are those that were put back at the begin of the stay. */
static bool
is_untouched(const Move *move, const Twin *own)
{
	QueryArgs args = move->args;
	uint64	  rows;

	if (move->stay == NULL || move->stay->xid == 0 || move->together != NIL)
		return false;
	query_arg(&args, XIDOID, TransactionIdGetDatum(move->stay->xid));
	(void) statement_run(move, (Statement){count_text, own, NULL}, &args);
	rows = query_count(0, 1);
	return rows == query_count(0, 2) && !query_bool(0, 3) && stay_had_own(move->stay, own, rows);
}

static void
park_table(Move *move, const Twin *own)
{
	bool untouched = is_untouched(move, own);

	if (!untouched)
		(void) run(move, forget_text, own);
	move->row_count +=
		statement_write(move, (Statement){untouched ? delete_text : park_text, own, NULL},
						&move->args, SIDE_GRAY);
	(void) run(move, settle_text, own);
}

static void
discard_table(Move *move, const Twin *own)
{
	move->row_count +=
		statement_write(move, (Statement){delete_text, own, NULL}, &move->args, SIDE_GRAY);
	(void) run(move, unsettle_text, own);
}

/* Take out owned rows before their owners, over which their owner paths lead. */
static void
each_table(Move *move, void (*each)(Move *move, const Twin *own), const char *doing)
{
	const TwinSet *set = move->prepared->set;

	for (int i = set->own_count - 1; i >= 0; i--)
	{
		move_step_begin(move, &set->own[i], doing);
		each(move, &set->own[i]);
	}
}

static void
park_user(Move *move)
{
	each_table(move, park_table, "park");
}

void
park_rows(Move *move)
{
	if (move->prepared->set->own_count == 0)
		return;
	park_aside(move);
	park_each_user(move, park_user);
}

void
park_discard(Move *move)
{
	if (move->prepared->set->own_count == 0)
		return;
	park_aside(move);
	each_table(move, discard_table, "clear");
}
