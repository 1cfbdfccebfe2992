/*
 * migrate_back.c: the rows of one user, from gray home to production
 *
 * A merge, not delete-and-copy.  The frozen row in production, seen through
 * the mapping, is the base; the gray row is theirs; a column where the two
 * are the same keeps its frozen value bit for bit.  So only rows that were
 * changed in gray are written, and only those deleted there are deleted.
 *
 *   refuse    rows that meanwhile belong to somebody else in production
 *   lock      the gray rows, and production rows that will change, without
 *             waiting for anyone: see move.c
 *   delete    rows that gray no longer has, owned before owners
 *   update    rows that differ, then
 *   insert    rows that production lacks, owners before owned
 *   check     foreign keys
 *   clear     the gray rows
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "copy.h"
#include "integrity.h"
#include "move.h"
#include "quiet.h"
#include "twin_sql.h"

/* Append: no row of gray is the twin of p (and the same, if `unchanged`). */
static void
append_no_twin(StringInfo sql, const Twin *twin, bool unchanged)
{
	appendStringInfo(sql, "NOT EXISTS (SELECT 1 FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_same_key(sql, twin);
	appendStringInfoString(sql, " AND ");
	twin_sql_owned(sql, twin, SIDE_GRAY, "g");
	if (unchanged)
	{
		appendStringInfoString(sql, " AND NOT (");
		twin_sql_differs(sql, twin);
		appendStringInfoChar(sql, ')');
	}
	appendStringInfoChar(sql, ')');
}

static void
refuse_foreign_rows(Move *move, const Twin *twin)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT p.%s FROM %s g JOIN %s p ON ",
					 twin->key_columns[0]->name[SIDE_PRODUCTION], twin->table[SIDE_GRAY],
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(&sql, twin);
	appendStringInfoString(&sql, " WHERE ");
	twin_sql_owned(&sql, twin, SIDE_GRAY, "g");
	appendStringInfoString(&sql, " AND (");
	twin_sql_owned(&sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(&sql, ") IS NOT TRUE LIMIT 1");
	if (query_run(sql.data, &move->args) > 0)
		ereport(ERROR, (errcode(ERRCODE_UNIQUE_VIOLATION),
						errmsg("a row of table %s belongs to another user in production",
							   twin->table[SIDE_PRODUCTION]),
						errdetail("Key %s=%s.", twin->key_columns[0]->name[SIDE_PRODUCTION],
								  query_text(0, 1))));
}

/* PostgreSQL updates no column that is GENERATED ALWAYS AS IDENTITY; a key can't differ. */
static void
refuse_changed_identity(Move *move, const Twin *twin, const TwinColumn *column)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT g.%s FROM %s g JOIN %s p ON ", column->name[SIDE_GRAY],
					 twin->table[SIDE_GRAY], twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(&sql, twin);
	appendStringInfoString(&sql, " WHERE ");
	twin_sql_owned(&sql, twin, SIDE_GRAY, "g");
	appendStringInfo(&sql, " AND g.%s IS DISTINCT FROM ", column->name[SIDE_GRAY]);
	twin_sql_up(&sql, column);
	appendStringInfoString(&sql, " LIMIT 1");
	if (query_run(sql.data, &move->args) > 0)
		ereport(ERROR, (errcode(ERRCODE_GENERATED_ALWAYS),
						errmsg("column %s of table %s is GENERATED ALWAYS, and was changed in gray",
							   column->name[SIDE_PRODUCTION], twin->table[SIDE_PRODUCTION]),
						errdetail("In gray it is now %s.", query_text(0, 1))));
}

static void
refuse_changed_identities(Move *move, const Twin *twin)
{
	for (int i = 0; i < twin->column_count; i++)
	{
		if (twin->columns[i].always)
			refuse_changed_identity(move, twin, &twin->columns[i]);
	}
}

static void
lock_gray_rows(Move *move, const Twin *twin)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT 1 FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_owned(&sql, twin, SIDE_GRAY, "g");
	appendStringInfoString(&sql, " FOR UPDATE OF g NOWAIT");
	query_run_for_locks(sql.data, &move->args);
}

static void
lock_changing_rows(Move *move, const Twin *twin)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT 1 FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(&sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(&sql, " AND ");
	append_no_twin(&sql, twin, true);
	appendStringInfoString(&sql, " FOR UPDATE OF p NOWAIT");

	query_run_for_locks(sql.data, &move->args);
}

static void
delete_rows(Move *move, const Twin *twin)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "DELETE FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(&sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(&sql, " AND ");
	append_no_twin(&sql, twin, false);
	move->row_count += quiet_run(sql.data, &move->args, move->set, twin, SIDE_PRODUCTION);
}

/* The value that comes home: the frozen one where gray still holds what it became. */
static void
append_merged_value(StringInfo sql, const TwinColumn *column)
{
	if (column->type[SIDE_PRODUCTION] == column->type[SIDE_GRAY] &&
		column->typmod[SIDE_PRODUCTION] == column->typmod[SIDE_GRAY])
	{
		twin_sql_value(sql, column, SIDE_GRAY);
		return;
	}
	appendStringInfoString(sql, "CASE WHEN pg_catalog.record_image_eq(ROW(");
	twin_sql_up(sql, column);
	appendStringInfo(sql, "), ROW(g.%s)) THEN p.%s ELSE ", column->name[SIDE_GRAY],
					 column->name[SIDE_PRODUCTION]);
	twin_sql_value(sql, column, SIDE_GRAY);
	appendStringInfoString(sql, " END");
}

static void
update_rows(Move *move, const Twin *twin)
{
	StringInfoData sql;
	int			   count = 0;

	initStringInfo(&sql);
	appendStringInfo(&sql, "UPDATE %s p SET ", twin->table[SIDE_PRODUCTION]);
	for (int i = 0; i < twin->column_count; i++)
	{
		TwinColumn *column = &twin->columns[i];

		if (!twin_sql_comes_home(twin, column) || column->always)
			continue;
		appendStringInfo(&sql, "%s%s = ", count++ == 0 ? "" : ", ", column->name[SIDE_PRODUCTION]);
		append_merged_value(&sql, column);
	}
	if (count == 0)
		return;

	appendStringInfo(&sql, " FROM %s g WHERE ", twin->table[SIDE_GRAY]);
	twin_sql_same_key(&sql, twin);
	appendStringInfoString(&sql, " AND ");
	twin_sql_owned(&sql, twin, SIDE_GRAY, "g");
	/* By owner path, p's old owner row may be gone by now; its key is enough. */
	if (twin->uid_column != NULL)
	{
		appendStringInfoString(&sql, " AND ");
		twin_sql_owned(&sql, twin, SIDE_PRODUCTION, "p");
	}
	appendStringInfoString(&sql, " AND ");
	twin_sql_differs(&sql, twin);
	move->row_count += quiet_run(sql.data, &move->args, move->set, twin, SIDE_PRODUCTION);
}

static void
insert_rows(Move *move, const Twin *twin)
{
	StringInfoData missing;

	initStringInfo(&missing);
	appendStringInfo(&missing, "NOT EXISTS (SELECT 1 FROM %s p WHERE ",
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key(&missing, twin);
	if (twin->uid_column != NULL)
	{
		appendStringInfoString(&missing, " AND ");
		twin_sql_owned(&missing, twin, SIDE_PRODUCTION, "p");
	}
	appendStringInfoChar(&missing, ')');
	copy_rows(move, twin, SIDE_GRAY, missing.data);
}

/* Nobody else's row in production may refer to one that goes. */
static void
check_going_rows(Move *move, const Twin *twin)
{
	StringInfoData goes;

	initStringInfo(&goes);
	append_no_twin(&goes, twin, false);
	integrity_check_referrers(move->set, twin, SIDE_PRODUCTION, goes.data, &move->args);
}

/* Owned before owners: an owner path leads over rows that are still there. */
static void
clear_gray(Move *move)
{
	TwinSet *set = move->set;

	for (int i = 0; i < set->count; i++)
		integrity_check_referrers(set, &set->twins[i], SIDE_GRAY, "true", &move->args);
	for (int i = set->count - 1; i >= 0; i--)
	{
		const Twin	  *twin = &set->twins[i];
		StringInfoData sql;

		move_progress(move, twin, "clear");
		initStringInfo(&sql);
		appendStringInfo(&sql, "DELETE FROM %s g WHERE ", twin->table[SIDE_GRAY]);
		twin_sql_owned(&sql, twin, SIDE_GRAY, "g");
		quiet_run(sql.data, &move->args, set, twin, SIDE_GRAY);
	}
}

void
discard_rows(Move *move)
{
	move->steps = move->set->count;
	for (int i = 0; i < move->set->count; i++)
		lock_gray_rows(move, &move->set->twins[i]);
	clear_gray(move);
}

static void
require_key(const Twin *twin)
{
	if (twin->key_count == 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table %s has no unique, not-null key that its gray twin shares",
							   twin->table[SIDE_PRODUCTION]),
						errhint("Give it a primary key; rows come home by comparison.")));
}

void
migrate_back_rows(Move *move)
{
	TwinSet *set = move->set;

	move->steps = 5 * set->count;
	for (int i = 0; i < set->count; i++)
		require_key(&set->twins[i]);
	for (int i = 0; i < set->count; i++)
	{
		move_progress(move, &set->twins[i], "compare");
		refuse_foreign_rows(move, &set->twins[i]);
		refuse_changed_identities(move, &set->twins[i]);
		lock_gray_rows(move, &set->twins[i]);
		lock_changing_rows(move, &set->twins[i]);
		check_going_rows(move, &set->twins[i]);
	}
	for (int i = set->count - 1; i >= 0; i--)
	{
		move_progress(move, &set->twins[i], "delete");
		delete_rows(move, &set->twins[i]);
	}
	for (int i = 0; i < set->count; i++)
	{
		move_progress(move, &set->twins[i], "write");
		update_rows(move, &set->twins[i]);
		insert_rows(move, &set->twins[i]);
	}
	for (int i = 0; i < set->count; i++)
	{
		move_progress(move, &set->twins[i], "check");
		integrity_check_references(set, &set->twins[i], SIDE_PRODUCTION, &move->args);
	}
	clear_gray(move);
}
