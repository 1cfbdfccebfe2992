/*
 * outside.c: references from tables outside the release to rows that are deleted and written anew
 *
 * The owner of the release's tables says which rows come back: mappings and casts are its own.
 * Who refers to them is asked as the owner of the other table, as in integrity.c.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "foreign_key.h"
#include "key_look.h"
#include "key_values.h"
#include "latest.h"
#include "move.h"
#include "outside.h"
#include "partition.h"
#include "places.h"
#include "playbook.h"
#include "reference_action.h"
#include "reference_sql.h"
#include "relation.h"
#include "statement.h"
#include "twin_sql.h"

/* Keys (ForeignKeyCacheInfo) of a table outside that lead to `relation`. */
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

/* Those that lead to a table or partition, and were not made of another. */
static List *
keys_to(const Move *move, Oid relation)
{
	List	 *keys = NIL;
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_oids(&args, list_make1_oid(relation));
	rows = query_run("SELECT DISTINCT conrelid::oid::text FROM pg_constraint"
					 " WHERE contype = 'f' AND confrelid = ANY ($1) AND conparentid = 0 ORDER BY 1",
					 &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Oid outside = (Oid) strtoul(query_text(row, 1), NULL, 10);

		if (twin_find(move->playbook->set, SIDE_PRODUCTION, partition_root(outside)) == NULL)
			keys = list_concat(keys, keys_between(outside, relation));
	}
	return keys;
}

/*
 * Places of the rows p of `relation`, all of the user's or those at $2, that a key may lead to and
 * that come back.  Once they are locked, nobody new can refer to them.
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
			   const Places *places)
{
	List		  *found[1] = {NIL};
	QueryArgs	   args = places == NULL ? move->args : places_args(places, &move->args);
	StringInfoData sql;

	initStringInfo(&sql);
	append_returning(&sql, twin, places == NULL ? key->confrelid : places->relation, key,
					 places != NULL);
	statement_stream_once(move, sql.data, &args, places_receiver(found));
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

/* What can be referred to in the rows at these places. */
static void
read_values(const Move *move, const ReferenceAction *action, const Places *returning,
			KeyValues *values)
{
	QueryArgs	   args = places_args(returning, &move->args);
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
	Datum	next[REFERENCE_MAX_COLUMNS];
	KeyLook look;
	Latest	latest;

	LockRelationOid(action->referrer, AccessShareLock);
	key_look_load_referrers_by(&look, action, values->types);
	latest = latest_begin();
	while (key_values_next(values, next))
	{
		bool referred = false;

		key_look_each(&look, latest.snapshot, next, note_referrer, &referred);
		if (referred)
			raise_referred(twin, key,
						   key_values_text(values, next, action->referrer,
										   action->referring_columns));
	}
	latest_end(&latest);
	key_look_free(&look);
}

static void
refuse_referrers(const Move *move, const Twin *twin, const ForeignKeyCacheInfo *key,
				 const Places *returning)
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
			  const Places *places)
{
	ListCell *cell;

	foreach(cell, find_returning(move, twin, key, places))
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
outside_refuse(const Move *move, const Twin *twin, const List *places)
{
	ListCell *key;
	ListCell *cell;

	foreach(key, keys_to_family(move, twin))
	{
		if (places == NIL)
			refuse_by_key(move, twin, lfirst(key), NULL);
		foreach(cell, places)
		{
			if (leads_there(lfirst(key), ((Places *) lfirst(cell))->relation))
				refuse_by_key(move, twin, lfirst(key), lfirst(cell));
		}
	}
}
