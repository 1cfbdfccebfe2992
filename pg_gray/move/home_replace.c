/*
 * home_replace.c: replaces all rows of a user in production, in place of a merge
 *
 *   refuse   rows whose loss foreign keys from outside the release would act on
 *   delete   all frozen rows, owned before owners
 *   insert   all gray rows, owners before owned
 *   check    all foreign keys of the user's rows
 *
 * Nothing of a frozen row is left: production-only columns take their default, or the value of
 * their `down`.
 *
 * Tables outside the release may refer to rows that are deleted and written anew.  The query for
 * the rows that come back runs as the owner of the release's tables, whose mappings and casts it
 * calls.  The query for the rows that refer to them runs as the owner of the other table, as in
 * reference_check.c.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "move/copy.h"
#include "move/failed_row.h"
#include "move/home_absence.h"
#include "move/home_replace.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "move/reference.h"
#include "move/reference_check.h"
#include "postgres/foreign_key.h"
#include "postgres/latest_snapshot.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "postgres/tid_list.h"
#include "reference/key_look.h"
#include "reference/key_values.h"
#include "reference/reference_action.h"
#include "release/twin_sql.h"

typedef enum BackStrategy
{
	BACK_MERGE,
	BACK_REPLACE
} BackStrategy;

static const struct config_enum_entry strategies[] = {
	{"merge", BACK_MERGE, false},
	{"replace", BACK_REPLACE, false},
	{NULL, 0, false},
};

static int back_strategy = BACK_MERGE;

bool
home_replace_is_wanted(void)
{
	return back_strategy == BACK_REPLACE;
}

static void
delete_text(StringInfo sql, const Twin *twin, const void *detail pg_attribute_unused())
{
	appendStringInfo(sql, "DELETE FROM %s p WHERE ", twin->table[SIDE_PRODUCTION]);
	twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	home_absence_append_spared(sql, twin, 2);
}

static uint64
delete_all(Move *move, const Twin *twin)
{
	QueryArgs args = move->args;

	args.count = 1; /* the uid, without a window */
	home_absence_arg_spared(&args, move, twin);
	return statement_write(move, (Statement){delete_text, twin, NULL}, &args, SIDE_PRODUCTION);
}

static void
delete_rows(Move *move, const Twin *twin)
{
	move_step_begin(move, twin, "delete");
	move->row_count += delete_all(move, twin);
}

/* The frozen rows would collide with the new rows, be they in the window or not. */
static uint64_t
write_window(Move *move, const Twin *twin, const void *detail pg_attribute_unused())
{
	(void) delete_all(move, twin);
	return copy_rows(move, twin, COPY_HOME, &move->args);
}

static void
write_rows(Move *move, const Twin *twin)
{
	move_step_begin(move, twin, "write");
	failed_row_begin(move, twin, SIDE_GRAY, SIDE_PRODUCTION, write_window, NULL);
	move->row_count += copy_rows(move, twin, COPY_HOME, &move->args);
	failed_row_end(move);
}

static void
check_rows(Move *move, const Twin *twin)
{
	ListCell *cell;

	move_step_begin(move, twin, "check");
	foreach(cell, reference_list(&move->prepared->references, twin, SIDE_PRODUCTION))
		reference_check_home(move, lfirst(cell));
}

void
home_replace_rows(Move *move)
{
	const TwinSet *set = move->prepared->set;

	for (int i = 0; i < set->count; i++)
	{
		reference_check_referrers(move, &set->twins[i], SIDE_PRODUCTION);
		home_replace_refuse_referred(move, &set->twins[i], NULL);
	}
	for (int i = set->count - 1; i >= 0; i--)
		delete_rows(move, &set->twins[i]);
	for (int i = 0; i < set->count; i++)
		write_rows(move, &set->twins[i]);
	for (int i = 0; i < set->count; i++)
		check_rows(move, &set->twins[i]);
}

void
home_replace_init(void)
{
	DefineCustomEnumVariable("pg_gray.back_strategy",
							 "How a user's rows come home: merged into the frozen rows, or in their place.",
							 NULL, &back_strategy, BACK_MERGE, strategies, PGC_SUSET, 0, NULL, NULL,
							 NULL);
}

/* Return the foreign keys (ForeignKeyCacheInfo) of a table outside that lead to `relation`. */
static List *
keys_between(Oid outside, Oid relation)
{
	List	 *keys = NIL;
	ListCell *cell;

	foreach(cell, foreign_key_list(outside))
	{
		if (((ForeignKeyCacheInfo *) lfirst(cell))->confrelid == relation)
			keys = lappend(keys, lfirst(cell));
	}
	return keys;
}

/*
 * Return the foreign keys that lead to a table or partition, without those inherited from another
 * table.
 */
static List *
keys_to(const Move *move, Oid relation)
{
	List	 *keys = NIL;
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_oids(&args, list_make1_oid(relation));
	rows = query_run("SELECT DISTINCT conrelid FROM pg_constraint"
					 " WHERE contype = 'f' AND confrelid = ANY ($1) AND conparentid = 0 ORDER BY 1",
					 &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Oid outside = query_oid(row, 1);

		if (twin_find(move->prepared->set, SIDE_PRODUCTION, partition_root(outside)) == NULL)
			keys = list_concat(keys, keys_between(outside, relation));
	}
	return keys;
}

/*
 * Append a SELECT of the tids of the rows p of `relation`, all of the user's rows or those at $2,
 * to which a foreign key may lead and which come back.  Once these rows are locked, no new row can
 * refer to them.
 */
static void
append_returning(StringInfo sql, const Twin *twin, Oid relation, const ForeignKeyCacheInfo *key,
				 bool by_place)
{
	appendStringInfo(sql, "SELECT 0, p.tableoid, p.ctid FROM %s p WHERE ", relation_name(relation));
	if (by_place)
		appendStringInfoString(sql, "p.ctid = ANY ($2)");
	else
		twin_sql_owned(sql, twin, SIDE_PRODUCTION, "p");
	appendStringInfoString(sql, " AND ");
	reference_sql_comes_back(sql, twin, key);
	appendStringInfoString(sql, " FOR UPDATE OF p NOWAIT");
}

static List *
find_returning(const Move *move, const Twin *twin, const ForeignKeyCacheInfo *key,
			   const TidList *tids)
{
	List		  *found[1] = {NIL};
	QueryArgs	   args = tids == NULL ? move->args : tid_list_args(tids, &move->args);
	StringInfoData sql;

	initStringInfo(&sql);
	append_returning(&sql, twin, tids == NULL ? key->confrelid : tids->relation, key, tids != NULL);
	statement_stream_once(move, sql.data, &args, tid_list_receiver(found));
	return found[0];
}

static void
raise_referred(const Twin *twin, const ForeignKeyCacheInfo *key, const char *values)
{
	ereport(ERROR,
			(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
			 errmsg("a row of table %s refers to one of %s that would be deleted and written anew",
					relation_name(key->conrelid), twin->table[SIDE_PRODUCTION]),
			 errdetail("Key %s: table %s is not of the release, and constraint \"%s\" would act as if the row were gone.",
					   values, relation_name(key->conrelid), get_constraint_name(key->conoid)),
			 twin->key_count > 0
				 ? errhint(
					   "SET pg_gray.back_strategy = 'merge', which updates the row, and try again.")
				 : errhint("Give table %s a primary key, so that the row is updated, or delete the row that refers to it.",
						   twin->table[SIDE_PRODUCTION]),
			 reference_sql_error(key)));
}

/* Read the values by which the rows at these tids can be referred to. */
static void
read_values(const Move *move, const ReferenceAction *action, const TidList *returning,
			KeyValues *values)
{
	QueryArgs	   args = tid_list_args(returning, &move->args);
	StringInfoData sql;

	initStringInfo(&sql);
	key_values_select(&sql, "p", action->referred, action->referred_columns, values->types,
					  action->count);
	appendStringInfo(&sql, " FROM %s p WHERE p.ctid OPERATOR(pg_catalog.=) ANY ($2) AND ",
					 relation_name(returning->relation));
	for (int i = 0; i < action->count; i++)
		appendStringInfo(&sql, "%sp.%s IS NOT NULL", i == 0 ? "" : " AND ",
						 quote_identifier(
							 get_attname(action->referred, action->referred_columns[i], false)));
	statement_stream_once(move, sql.data, &args, key_values_receiver(values));
}

static bool
note_referrer(void *arg, struct RelationData *relation pg_attribute_unused(),
			  struct TupleTableSlot *row pg_attribute_unused())
{
	*(bool *) arg = true;
	return false;
}

static void
refuse_values(const Twin *twin, const ReferenceAction *action, const ForeignKeyCacheInfo *key,
			  KeyValues *values)
{
	Datum		   next[REFERENCE_MAX_COLUMNS];
	KeyLook		   look;
	LatestSnapshot latest;

	LockRelationOid(action->referrer, AccessShareLock);
	key_look_load_referrers_by(&look, action, values->types);
	latest = latest_snapshot_begin();
	while (key_values_next(values, next))
	{
		bool referred = false;

		key_look_each(&look, latest.snapshot, next, note_referrer, &referred);
		if (referred)
			raise_referred(twin, key,
						   key_values_text(values, next, action->referrer,
										   action->referring_columns));
	}
	latest_snapshot_end(&latest);
	key_look_free(&look);
}

static void
refuse_referrers(const Move *move, const Twin *twin, const ForeignKeyCacheInfo *key,
				 const TidList *returning)
{
	ReferenceAction action;
	KeyValues		values;

	(void) reference_action_load(key->conoid, &action);
	key_values_begin(&values, key_values_referred_types(&action), action.count);
	read_values(move, &action, returning, &values);
	refuse_values(twin, &action, key, &values);
	key_values_end(&values);
}

static void
refuse_by_key(const Move *move, const Twin *twin, const ForeignKeyCacheInfo *key,
			  const TidList *tids)
{
	ListCell *cell;

	foreach(cell, find_returning(move, twin, key, tids))
		refuse_referrers(move, twin, key, lfirst(cell));
}

static bool
leads_there(const ForeignKeyCacheInfo *key, Oid relation)
{
	return key->confrelid == relation || list_member_oid(partition_all(key->confrelid), relation);
}

static List *
keys_to_family(const Move *move, const Twin *twin)
{
	List	 *keys = keys_to(move, twin->relation[SIDE_PRODUCTION]);
	ListCell *cell;

	foreach(cell, partition_all(twin->relation[SIDE_PRODUCTION]))
		keys = list_concat(keys, keys_to(move, lfirst_oid(cell)));
	return keys;
}

void
home_replace_refuse_referred(const Move *move, const Twin *twin, const List *tids)
{
	ListCell *key;
	ListCell *cell;

	foreach(key, keys_to_family(move, twin))
	{
		if (tids == NIL)
			refuse_by_key(move, twin, lfirst(key), NULL);
		foreach(cell, tids)
		{
			if (leads_there(lfirst(key), ((TidList *) lfirst(cell))->relation))
				refuse_by_key(move, twin, lfirst(key), lfirst(cell));
		}
	}
}
