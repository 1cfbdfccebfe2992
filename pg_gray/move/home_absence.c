/*
 * home_absence.c: handles rows that are missing on one side although nobody deleted them there
 *
 *   - A table or partition that was there when the user came to gray is no longer in the
 *     release, but still exists: detached, renamed, put aside.  A table that was dropped is
 *     gone with its rows, as its owner wanted it.
 *   - A gray table is not the table to which the rows were moved, or a crash can have emptied it
 *     (UNLOGGED).  Then it must have a twin of each frozen row.
 *   - The production table is not the table from which the rows came: it had no fence for a
 *     while.  Then gray must have a twin of each frozen row, too.
 *   - A partition came to production later, with rows of the user in it.  Its rows stay.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "move/failed_row.h"
#include "move/home_absence.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/relation.h"
#include "release/twin_sql.h"
#include "user/stay.h"

/*
 * Unlogged tables
 */

/*
 * Return the table, or the partition of it, that has this persistence; InvalidOid: there is none.
 */
static Oid
find_persistence(const Twin *twin, Side side, char persistence)
{
	ListCell *cell;

	if (twin->parts[side] == NIL && get_rel_persistence(twin->relation[side]) == persistence)
		return twin->relation[side];
	foreach(cell, twin->parts[side])
	{
		if (get_rel_persistence(lfirst_oid(cell)) == persistence)
			return lfirst_oid(cell);
	}
	return InvalidOid;
}

static Oid
find_unlogged(const Twin *twin)
{
	Oid unlogged = find_persistence(twin, SIDE_GRAY, RELPERSISTENCE_UNLOGGED);

	if (!OidIsValid(unlogged) ||
		!OidIsValid(find_persistence(twin, SIDE_PRODUCTION, RELPERSISTENCE_PERMANENT)))
		return InvalidOid;
	return unlogged;
}

void
home_absence_require_logged(Move *move)
{
	const TwinSet *set = move->prepared->set;

	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];
		Oid			unlogged = find_unlogged(twin);

		if (!OidIsValid(unlogged))
			continue;
		move->unfit = true;
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table %s is UNLOGGED, while %s is not", relation_name(unlogged),
							   twin->table[SIDE_PRODUCTION]),
						errdetail("A crash would take what users have there."),
						errhint("ALTER TABLE %s SET LOGGED;", relation_name(unlogged))));
	}
}

/*
 * Tables that are no longer in the release
 */

static bool
is_in_release(const TwinSet *set, Oid relation)
{
	for (int i = 0; i < set->count; i++)
	{
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		{
			if (set->twins[i].relation[side] == relation ||
				list_member_oid(set->twins[i].parts[side], relation))
				return true;
		}
	}
	return false;
}

static bool
has_columns(Oid relation, const Twin *twin, Side side, Column *const *columns, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (get_attnum(relation, get_attname(twin->relation[side], columns[i]->attnum[side],
											 false)) == InvalidAttrNumber)
			return false;
	}
	return true;
}

/* True when the relation may still have rows of the user.  Leaves the relation locked. */
static bool
can_hold_rows(Oid relation, const Twin *twin, Side side)
{
	Relation table = try_table_open(relation, AccessShareLock);

	if (table == NULL)
		return false;
	table_close(table, NoLock);
	if (twin->uid_column != NULL && !has_columns(relation, twin, side, &twin->uid_column, 1))
		return false;
	return has_columns(relation, twin, side, twin->path_columns, twin->path_count) &&
		   has_columns(relation, twin, side, twin->key_columns, twin->key_count);
}

/* Frozen rows without a twin in gray were deleted there, so these rows may go with their table. */
static bool
find_left(const Move *move, const Twin *twin, Side side)
{
	QueryArgs	   args = move->args;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	failed_row_append_key(&sql, twin, side, twin_sql_alias(side));
	appendStringInfo(&sql, " FROM %s %s WHERE ", twin->table[side], twin_sql_alias(side));
	twin_sql_owned(&sql, twin, side, twin_sql_alias(side));
	if (side == SIDE_PRODUCTION && twin->key_count > 0)
	{
		appendStringInfoString(&sql, " AND NOT ");
		twin_sql_without_twin(&sql, twin);
	}
	appendStringInfoString(&sql, " LIMIT 1");
	return statement_run_once(move, sql.data, &args) > 0;
}

static void
refuse_left(const Move *move, const Twin *twin, Side side, Oid relation)
{
	Twin left = *twin;

	if (!can_hold_rows(relation, twin, side))
		return;
	left.table[side] = relation_name(relation);
	if (!find_left(move, &left, side))
		return;
	failed_row_is(move, twin, side, query_text(0, 1));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table %s has rows of the user, and belongs to %s no more", left.table[side],
					twin->table[side]),
			 errdetail("It did when the user came to gray."),
			 twin->parts[side] == NIL
				 ? errhint("Give it its name again, or drop it, if its rows are to go.")
				 : errhint("ALTER TABLE %s ATTACH PARTITION %s FOR VALUES ...; or drop it, if its rows are to go.",
						   twin->table[side], left.table[side])));
}

static void
refuse_all_left(const Move *move, const Twin *twin, int place)
{
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		ListCell *cell;

		foreach(cell, stay_relations(move->stay, place, side))
		{
			if (!is_in_release(move->prepared->set, lfirst_oid(cell)))
				refuse_left(move, twin, side, lfirst_oid(cell));
		}
	}
}

/*
 * Pairs of tables in which a deleted row can't be told from a lost one
 */

static bool
is_another(const Move *move, const Twin *twin, int place, Side side)
{
	return stay_is_another(move->stay, place, side, twin->relation[side]);
}

/* Of rows without a key nobody can tell which are missing, but only that gray has fewer. */
static bool
find_fewer(const Move *move, const Twin *twin)
{
	QueryArgs	   args = move->args;
	StringInfoData sql;

	home_absence_arg_spared(&args, move, twin);
	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT NULL::pg_catalog.text WHERE (SELECT pg_catalog.count(*) FROM %s p WHERE ",
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(&sql, twin, SIDE_PRODUCTION, "p");
	home_absence_append_spared(&sql, twin, args.count);
	appendStringInfo(&sql, ") > (SELECT pg_catalog.count(*) FROM %s g WHERE ",
					 twin->table[SIDE_GRAY]);
	twin_sql_owned(&sql, twin, SIDE_GRAY, "g");
	appendStringInfoChar(&sql, ')');
	return statement_run_once(move, sql.data, &args) > 0;
}

static bool
find_lacking(const Move *move, const Twin *twin)
{
	QueryArgs	   args = move->args;
	StringInfoData sql;

	home_absence_arg_spared(&args, move, twin);
	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	failed_row_append_key(&sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfo(&sql, " FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(&sql, twin, SIDE_PRODUCTION, "p");
	home_absence_append_spared(&sql, twin, args.count);
	appendStringInfoString(&sql, " AND ");
	twin_sql_without_twin(&sql, twin);
	appendStringInfoString(&sql, " LIMIT 1");
	return statement_run_once(move, sql.data, &args) > 0;
}

/* Raise when gray lacks rows. */
static void
refuse_lacking(const Move *move, const Twin *twin, const char *problem)
{
	if (twin->key_count > 0 ? !find_lacking(move, twin) : !find_fewer(move, twin))
		return;
	failed_row_is(move, twin, SIDE_PRODUCTION, query_text(0, 1));
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("%s", problem),
			 errdetail("Whether the user has deleted them can't be told."),
			 errhint("Insert them again, from %s if need be. What was to be deleted can be deleted at home.",
					 twin->table[SIDE_PRODUCTION])));
}

void
home_absence_refuse(const Move *move)
{
	const TwinSet *set = move->prepared->set;

	for (int i = 0; i < set->count; i++)
	{
		const Twin *twin = &set->twins[i];
		const char *gray = twin->table[SIDE_GRAY];

		refuse_all_left(move, twin, i);
		if (is_another(move, twin, i, SIDE_GRAY))
			refuse_lacking(move, twin,
						   psprintf("table %s lacks rows of the user, and is not the one that they were moved to",
									gray));
		else if (OidIsValid(find_unlogged(twin)))
			refuse_lacking(move, twin,
						   psprintf("table %s lacks rows of the user, and a crash can have taken them, since it is UNLOGGED",
									gray));
		else if (is_another(move, twin, i, SIDE_PRODUCTION))
			refuse_lacking(move, twin,
						   psprintf("table %s lacks rows of the user, and %s, which is not the table that they came from, can have got them unfenced",
									gray, twin->table[SIDE_PRODUCTION]));
	}
}

/*
 * Partitions that came later
 */

void
home_absence_append_spared(StringInfo sql, const Twin *twin, int n)
{
	if (twin->parts[SIDE_PRODUCTION] != NIL)
		appendStringInfo(sql, " AND p.tableoid <> ALL ($%d)", n);
}

void
home_absence_arg_spared(QueryArgs *args, const Move *move, const Twin *twin)
{
	List	 *before;
	List	 *spared = NIL;
	ListCell *cell;

	if (twin->parts[SIDE_PRODUCTION] == NIL)
		return;
	before = stay_relations(move->stay, prepared_place(move->prepared, twin), SIDE_PRODUCTION);
	foreach(cell, twin->parts[SIDE_PRODUCTION])
	{
		if (before != NIL && !list_member_oid(before, lfirst_oid(cell)))
			spared = lappend_oid(spared, lfirst_oid(cell));
	}
	query_arg_oids(args, spared);
}
