/*
 * multiset.c: the way home of rows that have no key
 *
 * The rows of both sides are sorted together by content, so that equal ones of one side
 * can be numbered, and those of the other counted.  No join: what the planner does not know
 * of the contents can't mislead it.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "tcop/dest.h"

#include "absence.h"
#include "content.h"
#include "copy.h"
#include "merge_altered.h"
#include "move.h"
#include "multiset.h"
#include "places.h"
#include "quiet.h"
#include "refuse.h"
#include "relation.h"
#include "statement.h"
#include "stay.h"
#include "twin_sql.h"

static void
append_side(StringInfo sql, const Twin *twin, Side side, const Altered *altered)
{
	const char *alias = twin_sql_alias(side);

	appendStringInfo(sql, "SELECT %d AS side, %s.tableoid AS relation, %s.ctid AS place, ", side,
					 alias, alias);
	content_append(sql, twin, side, altered);
	appendStringInfo(sql, " AS content FROM %s %s WHERE ", twin->table[side], alias);
	twin_sql_owned(sql, twin, side, alias);
}

void
multiset_append_rows(StringInfo sql, const Twin *twin, const Altered *altered, int spared)
{
	append_side(sql, twin, SIDE_PRODUCTION, altered);
	if (spared != 0)
		absence_append_spared(sql, twin, spared);
	appendStringInfoString(sql, " UNION ALL ");
	append_side(sql, twin, SIDE_GRAY, altered);
}

static void
append_surplus(StringInfo sql, const Twin *twin, const Altered *altered)
{
	appendStringInfo(sql,
					 "SELECT side, relation, place FROM (SELECT side, relation, place,"
					 " row_number() OVER (PARTITION BY content, side ORDER BY relation, place) AS number,"
					 " count(*) FILTER (WHERE side = %d) OVER (PARTITION BY content) AS production,"
					 " count(*) FILTER (WHERE side = %d) OVER (PARTITION BY content) AS gray FROM (",
					 SIDE_PRODUCTION, SIDE_GRAY);
	multiset_append_rows(sql, twin, altered, 2);
	appendStringInfo(sql,
					 ") AS r) AS numbered"
					 " WHERE number > CASE side WHEN %d THEN gray ELSE production END",
					 SIDE_PRODUCTION);
}

static void
surplus_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_surplus(sql, twin, NULL);
}

/* The text depends on the stay: it is no statement to be kept. */
static void
compare_altered(Move *move, const Change *change, QueryArgs *args, struct _DestReceiver *receiver)
{
	StringInfoData sql;

	initStringInfo(&sql);
	append_surplus(&sql, change->twin, &change->altered);
	statement_stream_once(move, sql.data, args, receiver);
}

void
multiset_compare(Move *move, Change *change)
{
	Surplus	 *surplus = palloc0(sizeof(Surplus));
	QueryArgs args = move->args;

	absence_arg_spared(&args, move, change->twin);
	if (change->new_pairs)
		compare_altered(move, change, &args, places_receiver(surplus->rows));
	else
		statement_stream(move, (Statement){surplus_text, change->twin, NULL}, &args,
						 places_receiver(surplus->rows));
	change->surplus = surplus;
	change->deleted = surplus->rows[SIDE_PRODUCTION] != NIL;
}

static void
require_all(const Twin *twin, Side side, uint64 written, const List *places)
{
	if (written != places_count(places))
		refuse_written(twin, side);
}

static void
append_delete(StringInfo sql, const char *table)
{
	appendStringInfo(sql, "DELETE FROM %s p WHERE p.ctid = ANY ($2)", table);
}

static void
delete_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	append_delete(sql, twin->table[SIDE_PRODUCTION]);
}

/* From a partition by its own name: elsewhere the places are those of other rows. */
static uint64
delete_at(Move *move, const Twin *twin, const Places *places)
{
	QueryArgs	   args = places_args(places, &move->args);
	QuietTarget	   target = {move->playbook->set, twin, SIDE_PRODUCTION, places->relation};
	StringInfoData sql;

	if (places->relation == twin->relation[SIDE_PRODUCTION])
		return statement_write(move, (Statement){delete_text, twin, NULL}, &args, SIDE_PRODUCTION);
	initStringInfo(&sql);
	append_delete(&sql, relation_name(places->relation));
	return statement_write_once(move, sql.data, &args, target);
}

uint64_t
multiset_delete(Move *move, const Change *change)
{
	const List *places = change->surplus->rows[SIDE_PRODUCTION];
	uint64		rows = 0;
	ListCell   *cell;

	foreach(cell, places)
		rows += delete_at(move, change->twin, lfirst(cell));
	require_all(change->twin, SIDE_PRODUCTION, rows, places);
	return rows;
}

/*
 * Append the places of rows that are equal in all but new pairs, two by two.  Of equal ones on
 * one side nothing tells which belongs to which.
 */
static void
append_matched(StringInfo sql, const Twin *twin, const Altered *altered, int spared)
{
	static const char *const names[] = {"p", "g"};

	appendStringInfoString(sql, "SELECT ");
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		appendStringInfo(sql,
						 "%s(array_agg(relation) FILTER (WHERE side = %d))[1] AS %s_relation,"
						 " (array_agg(place) FILTER (WHERE side = %d))[1] AS %s_place",
						 side == SIDE_PRODUCTION ? "" : ", ", side, names[side], side, names[side]);
	appendStringInfoString(sql,
						   " FROM (SELECT side, relation, place, content, row_number() OVER"
						   " (PARTITION BY content, side ORDER BY relation, place) AS number FROM (");
	multiset_append_rows(sql, twin, altered, spared);
	appendStringInfoString(sql, ") AS r) AS numbered GROUP BY content, number HAVING count(*) = 2");
}

/* Append, after FROM and maybe p and "(": rows that are each other's and differ in new pairs. */
static void
append_merged(StringInfo sql, const Twin *twin, const Altered *altered, int spared,
			  const char *differs)
{
	append_matched(sql, twin, altered, spared);
	appendStringInfo(sql,
					 ") m JOIN %s g ON g.tableoid = m.g_relation AND g.ctid = m.g_place"
					 " WHERE p.tableoid = m.p_relation AND p.ctid = m.p_place AND (%s)",
					 twin->table[SIDE_GRAY], differs);
}

bool
multiset_append_merged_count(StringInfo sql, const Twin *twin, const Altered *altered)
{
	StringInfoData assignments;
	StringInfoData differs;

	initStringInfo(&assignments);
	initStringInfo(&differs);
	merge_altered_new_pairs(&assignments, &differs, altered, twin);
	if (assignments.len == 0)
		return false;
	appendStringInfo(sql, "SELECT count(*) FROM %s p, (", twin->table[SIDE_PRODUCTION]);
	append_merged(sql, twin, altered, 0, differs.data);
	return true;
}

uint64_t
multiset_merge(Move *move, const Change *change)
{
	const Twin	  *twin = change->twin;
	StringInfoData assignments;
	StringInfoData differs;
	StringInfoData sql;
	QueryArgs	   args = move->args;

	if (!change->new_pairs)
		return 0;
	initStringInfo(&assignments);
	initStringInfo(&differs);
	initStringInfo(&sql);
	merge_altered_new_pairs(&assignments, &differs, &change->altered, twin);
	if (assignments.len == 0)
		return 0;
	appendStringInfo(&sql, "UPDATE %s p SET %s FROM (", twin->table[SIDE_PRODUCTION],
					 assignments.data);
	append_merged(&sql, twin, &change->altered, 2, differs.data);
	appendStringInfoString(&sql, " RETURNING p.tableoid, p.ctid"); /* see late_index.h */
	absence_arg_spared(&args, move, twin);
	return statement_write_once(move, sql.data, &args,
								(QuietTarget){move->playbook->set, twin, SIDE_PRODUCTION,
											  InvalidOid});
}

uint64_t
multiset_insert(Move *move, const Change *change)
{
	const List *places = change->surplus->rows[SIDE_GRAY];
	uint64		rows = 0;
	ListCell   *cell;

	foreach(cell, places)
	{
		const Places *part = lfirst(cell);
		QueryArgs	  args = places_args(part, &move->args);

		rows += copy_rows_at(move, change->twin, part->relation, &args);
	}
	require_all(change->twin, SIDE_GRAY, rows, places);
	return rows;
}
