/*
 * home_keyless.c: brings home rows that have no key
 *
 * The rows of both sides are sorted together by content, so that equal rows of one side can be
 * numbered, and those of the other side counted.  There is no join, so a wrong estimate of the
 * contents can't mislead the planner.
 *
 * The content of a row is one value made of gray's value of each pair of columns.  For a pair with
 * a `down`, the content has the value that `down` makes for production instead: for g computed
 * from g, for p from the gray row that p became.  That gray row does not exist any more.  Its
 * gray-only columns without an `up` count as their defaults, or as null when the default differs
 * each time.
 */
#include "postgres.h"

#include "access/table.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "rewrite/rewriteHandler.h"
#include "tcop/dest.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "move/copy.h"
#include "move/home_absence.h"
#include "move/home_keyless.h"
#include "move/home_refuse.h"
#include "move/home_update.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "move/silent_write.h"
#include "postgres/catalog.h"
#include "postgres/relation.h"
#include "postgres/sql_text.h"
#include "postgres/tid_list.h"
#include "release/twin_sql.h"
#include "user/stay.h"

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
		home_absence_append_spared(sql, twin, spared);
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

/* The text depends on the stay, so the statement is not kept. */
static void
compare_altered(Move *move, const HomeChanges *change, const QueryArgs *args,
				struct _DestReceiver *receiver)
{
	StringInfoData sql;

	initStringInfo(&sql);
	append_surplus(&sql, change->twin, &change->altered);
	statement_stream_once(move, sql.data, args, receiver);
}

void
multiset_compare(Move *move, HomeChanges *change)
{
	Surplus	 *surplus = palloc0(sizeof(Surplus));
	QueryArgs args = move->args;

	home_absence_arg_spared(&args, move, change->twin);
	if (change->new_pairs)
		compare_altered(move, change, &args, tid_list_receiver(surplus->rows));
	else
		statement_stream(move, (Statement){surplus_text, change->twin, NULL}, &args,
						 tid_list_receiver(surplus->rows));
	change->surplus = surplus;
	change->deleted = surplus->rows[SIDE_PRODUCTION] != NIL;
}

static void
require_all(const Twin *twin, Side side, uint64 written, const List *tids)
{
	if (written != tid_list_count(tids))
		home_refuse_written(twin, side);
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

/* Delete from a partition by its own name, since the tids are those of this partition. */
static uint64
delete_at(Move *move, const Twin *twin, const TidList *tids)
{
	QueryArgs	   args = tid_list_args(tids, &move->args);
	SilentTarget   target = {move->prepared->set, twin, SIDE_PRODUCTION, tids->relation};
	StringInfoData sql;

	if (tids->relation == twin->relation[SIDE_PRODUCTION])
		return statement_write(move, (Statement){delete_text, twin, NULL}, &args, SIDE_PRODUCTION);
	initStringInfo(&sql);
	append_delete(&sql, relation_name(tids->relation));
	return statement_write_once(move, sql.data, &args, target);
}

uint64_t
multiset_delete(Move *move, const HomeChanges *change)
{
	const List *tids = change->surplus->rows[SIDE_PRODUCTION];
	uint64		rows = 0;
	ListCell   *cell;

	foreach(cell, tids)
		rows += delete_at(move, change->twin, lfirst(cell));
	require_all(change->twin, SIDE_PRODUCTION, rows, tids);
	return rows;
}

/*
 * Append the tids of rows that are equal in all pairs except new ones, two by two.  Among equal
 * rows of one side nothing tells which row belongs to which.
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

/* Append, after FROM and maybe p and "(": matched rows that differ in new pairs. */
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
	home_update_new_pairs(&assignments, &differs, altered, twin);
	if (assignments.len == 0)
		return false;
	appendStringInfo(sql, "SELECT count(*) FROM %s p, (", twin->table[SIDE_PRODUCTION]);
	append_merged(sql, twin, altered, 0, differs.data);
	return true;
}

uint64_t
multiset_merge(Move *move, const HomeChanges *change)
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
	home_update_new_pairs(&assignments, &differs, &change->altered, twin);
	if (assignments.len == 0)
		return 0;
	appendStringInfo(&sql, "UPDATE %s p SET %s FROM (", twin->table[SIDE_PRODUCTION],
					 assignments.data);
	append_merged(&sql, twin, &change->altered, 2, differs.data);
	appendStringInfoString(&sql, " RETURNING p.tableoid, p.ctid"); /* see late_unique.h */
	home_absence_arg_spared(&args, move, twin);
	return statement_write_once(move, sql.data, &args,
								(SilentTarget){move->prepared->set, twin, SIDE_PRODUCTION,
											   InvalidOid});
}

uint64_t
multiset_insert(Move *move, const HomeChanges *change)
{
	const List *tids = change->surplus->rows[SIDE_GRAY];
	uint64		rows = 0;
	ListCell   *cell;

	foreach(cell, tids)
	{
		const TidList *part = lfirst(cell);
		QueryArgs	   args = tid_list_args(part, &move->args);

		rows += copy_rows_at(move, change->twin, part->relation, &args);
	}
	require_all(change->twin, SIDE_GRAY, rows, tids);
	return rows;
}

/* Append the value of a generated column over row g. */
static void
append_generated(StringInfo sql, const Column *column)
{
	Relation table = table_open(column->relation[SIDE_GRAY], AccessShareLock);
	Node	*expression = build_column_default(table, column->attnum[SIDE_GRAY]);
	List	*context = deparse_context_for("g", RelationGetRelid(table));

	sql_text_cast(sql, deparse_expression(expression, context, true, false),
				  column->type[SIDE_GRAY], column->typmod[SIDE_GRAY]);
	table_close(table, NoLock);
}

/* Append ", value AS name" for each gray-only column that is, or is not, generated. */
static void
append_base(StringInfo sql, const Column *column)
{
	if (column->map[SIDE_GRAY] == NULL && column->varies)
		sql_text_cast(sql, "NULL", column->type[SIDE_GRAY], column->typmod[SIDE_GRAY]);
	else
		twin_sql_up(sql, column);
	appendStringInfo(sql, " AS %s", column->name[SIDE_GRAY]);
}

/* Append a `down` over the gray row that p became; columns that gray generates read the others. */
static void
append_down_of_base(StringInfo sql, const Twin *twin, const char *down)
{
	StringInfoData base;

	initStringInfo(&base);
	appendStringInfo(sql, "(SELECT %s FROM (SELECT g.*", down);
	for (int i = 0; i < twin->column_count; i++)
	{
		const Column *column = &twin->columns[i];

		if (column_is_lone(column, SIDE_GRAY) && column->generated[SIDE_GRAY])
		{
			appendStringInfoString(sql, ", ");
			append_generated(sql, column);
			appendStringInfo(sql, " AS %s", column->name[SIDE_GRAY]);
		}
		else if (column_on(column, SIDE_GRAY))
		{
			appendStringInfoString(&base, base.len == 0 ? "" : ", ");
			append_base(&base, column);
		}
	}
	appendStringInfo(sql, " FROM (SELECT %s) g) g)", base.data);
}

static void
append_down(StringInfo sql, const Twin *twin, Side side, const char *down)
{
	if (side == SIDE_GRAY)
		appendStringInfo(sql, "(%s)", down);
	else
		append_down_of_base(sql, twin, down);
}

static bool
is_recast(const Altered *altered, const Column *column)
{
	return altered != NULL && column->map[SIDE_GRAY] == NULL && !column_is_verbatim(column) &&
		   (stay_is_altered(altered->stay, column, SIDE_PRODUCTION) ||
			stay_is_altered(altered->stay, column, SIDE_GRAY));
}

static void
append_gray_value(StringInfo sql, const Column *column, const Altered *altered)
{
	if (is_recast(altered, column))
		twin_sql_there_and_back(sql, column);
	else
		appendStringInfo(sql, "g.%s", column->name[SIDE_GRAY]);
}

static void
append_value(StringInfo sql, const Twin *twin, Side side, const Column *column,
			 const Altered *altered)
{
	appendStringInfoString(sql, sql->len == 0 ? "" : ", ");
	if (column->map[SIDE_PRODUCTION] != NULL)
		append_down(sql, twin, side, column->map[SIDE_PRODUCTION]);
	else if (side == SIDE_GRAY)
		append_gray_value(sql, column, altered);
	else
		twin_sql_up(sql, column);
}

static bool
is_compared(const Twin *twin, const Column *column, const Altered *altered)
{
	return twin_sql_is_data(twin, column) &&
		   (altered == NULL || !stay_is_new_pair(altered, column));
}

void
content_append(StringInfo sql, const Twin *twin, Side side, const Altered *altered)
{
	StringInfoData values;

	initStringInfo(&values);
	for (int i = 0; i < twin->column_count; i++)
	{
		if (is_compared(twin, &twin->columns[i], altered))
			append_value(&values, twin, side, &twin->columns[i], altered);
	}
	appendStringInfo(sql, CATALOG_SCHEMA ".row_image(ROW(%s))", values.data);
}
