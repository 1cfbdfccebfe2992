/*
 * fence_key.c: the foreign keys by whose actions a fenced table is written
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tupconvert.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "fence_key.h"
#include "fence_path.h"
#include "fence_table.h"
#include "foreign_key.h"
#include "latest.h"
#include "partition.h"
#include "query.h"
#include "reference_cache.h"
#include "release.h"
#include "role.h"
#include "slot_value.h"
#include "twin_sql.h"

/*
 * Loading
 */

static bool
acts(const ReferenceAction *action)
{
	return reference_action_on_delete(action) || reference_action_on_update(action) ||
		   action->on_update == FKCONSTR_ACTION_CASCADE;
}

/* Append conditions: g refers to what p referred to.  False when gray has no columns for it. */
static bool
append_same(StringInfo sql, const Twin *twin, const ReferenceAction *action)
{
	for (int i = 0; i < action->count; i++)
	{
		AttrNumber attnum = partition_attnum(twin->relation[SIDE_PRODUCTION], action->referrer,
											 action->referring_columns[i]);
		const TwinColumn *column = twin_column(twin, SIDE_PRODUCTION, attnum);

		if (column == NULL)
			return false;
		appendStringInfoString(sql, " AND ");
		twin_sql_as_it_came(sql, twin, column);
	}
	return true;
}

static SPIPlanPtr
prepare_twin(const Release *release, const Twin *twin, const char *condition)
{
	QueryArgs	   args = {0};
	StringInfoData sql;

	query_arg(&args, release->uid_type, (Datum) 0);
	query_arg(&args, get_rel_type_id(twin->relation[SIDE_PRODUCTION]), (Datum) 0);
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT 1 FROM (SELECT ($2).*) p, %s g WHERE ", twin->table[SIDE_GRAY]);
	if (twin->key_count > 0)
	{
		twin_sql_same_key(&sql, twin);
		appendStringInfoString(&sql, " AND ");
	}
	twin_sql_owned(&sql, twin, SIDE_GRAY, "g");
	appendStringInfoString(&sql, condition);
	return query_prepare(sql.data, &args);
}

static void
free_key(void *arg)
{
	FenceKey *key = arg;

	key_look_free(&key->referred);
	rival_owner_free(&key->owner);
	if (key->same_twin != NULL)
		SPI_freeplan(key->same_twin);
}

static void
load_key(FenceKey *key, const FenceKeys *keys, const Release *release, const TwinSet *set,
		 const Twin *twin)
{
	Side		   side;
	const Twin	  *parent = reference_action_twin(set, key->action.referred, &side);
	StringInfoData same;
	RoleSwitch	   before;

	reference_cache_on_forget(free_key, key);
	reference_cache_watch(key->action.referred);
	key_look_load_referred(&key->referred, &key->action);
	key->is_outside = parent == NULL;
	if (parent != NULL)
		rival_owner_load(&key->owner, release, parent, side, keys->role);
	for (int i = 0; key->owner.path != NULL && i < key->owner.path->link_count; i++)
		reference_cache_watch(key->owner.path->links[i].parent);
	if (keys->root != twin->relation[SIDE_PRODUCTION])
		return;
	initStringInfo(&same);
	role_become(&before, keys->role);
	if (append_same(&same, twin, &key->action))
		key->same_twin = prepare_twin(release, twin, same.data);
	role_return(&before);
}

static void
free_dependent(void *arg)
{
	key_look_free(&((FenceDependent *) arg)->referrers);
}

static void
load_dependent(FenceDependent *dependent, Oid relation)
{
	const ReferenceAction *action = &dependent->action;

	for (int i = 0; i < action->count; i++)
		dependent->columns[i] =
			partition_attnum(relation, action->referred, action->referred_columns[i]);
	reference_cache_watch(action->referrer);
	reference_cache_on_forget(free_dependent, dependent);
	key_look_load_referrers(&dependent->referrers, action);
}

static void
load_dependents(FenceKeys *keys, const TwinSet *set, Oid relation)
{
	QueryArgs args = {0};
	uint64	  rows;
	Side	  side;

	query_arg_oids(&args, partition_with_ancestors(relation));
	rows =
		query_run("SELECT oid::text FROM pg_catalog.pg_constraint WHERE contype = 'f'"
				  " AND conparentid = 0 AND confrelid = ANY ($1) AND confdeltype IN ('c', 'n', 'd')",
				  &args);
	keys->dependents = palloc0(sizeof(FenceDependent) * Max(rows, 1));
	for (uint64 row = 0; row < rows; row++)
	{
		ReferenceAction *action = &keys->dependents[keys->dependent_count].action;

		if (reference_action_load((Oid) strtoul(query_text(row, 1), NULL, 10), action) &&
			reference_action_twin(set, action->referrer, &side) != NULL)
			keys->dependent_count++;
	}
	for (int i = 0; i < keys->dependent_count; i++)
		load_dependent(&keys->dependents[i], relation);
}

static void
free_twin(void *plan)
{
	SPI_freeplan(plan);
}

static void
load_twin(FenceKeys *keys, const Release *release, const Twin *twin)
{
	RoleSwitch before;

	role_become(&before, keys->role);
	keys->twin = prepare_twin(release, twin, "");
	role_return(&before);
	reference_cache_on_forget(free_twin, keys->twin);
}

/* In the cache's memory; what is loaded from is not. */
static void
load_keys(FenceKeys *keys, const Release *release, const TwinSet *set, const List *all, Oid relation)
{
	Side		side;
	const Twin *twin = reference_action_twin(set, relation, &side);
	ListCell   *cell;

	keys->root = twin->relation[side];
	keys->role = twin_owner_role(set);
	keys->time_zone = pstrdup(release->time_zone);
	keys->keys = palloc0(sizeof(FenceKey) * Max(list_length(all), 1));
	reference_cache_watch(relation);
	reference_cache_watch(keys->root);
	reference_cache_watch(twin->relation[SIDE_GRAY]);
	foreach(cell, all)
	{
		FenceKey *key = &keys->keys[keys->count];

		if (!reference_action_load(((ForeignKeyCacheInfo *) lfirst(cell))->conoid, &key->action) ||
			!acts(&key->action))
			continue;
		load_key(key, keys, release, set, twin);
		keys->count++;
	}
	if (side == SIDE_PRODUCTION)
	{
		load_twin(keys, release, twin);
		load_dependents(keys, set, relation);
	}
}

static const FenceKeys *
load(const FenceTable *table)
{
	FenceKeys	 *keys;
	MemoryContext procedure;
	RoleSwitch	  before;
	Release		 *release;
	TwinSet		 *set;
	List		 *all;

	SPI_connect();
	role_become_catalog_owner(&before);
	release = release_load_with_tables(table->release.name);
	set = twin_load_all(release);
	all = foreign_key_list(table->relation);
	procedure = MemoryContextSwitchTo(reference_cache_memory());
	keys = palloc0(sizeof(FenceKeys));
	load_keys(keys, release, set, all, table->relation);
	MemoryContextSwitchTo(procedure);
	role_return(&before);
	SPI_finish();
	reference_cache_put(CACHE_FENCE_REFERENCE, table->relation, keys);
	return keys;
}

static const FenceKeys *
find_or_load(const FenceTable *table)
{
	const FenceKeys *keys = reference_cache_find(CACHE_FENCE_REFERENCE, table->relation);

	return keys != NULL ? keys : load(table);
}

const FenceKeys *
fence_key_get(const FenceTable *table)
{
	const FenceKeys *keys;

	do
	{
		keys = find_or_load(table);
		for (int i = 0; i < keys->count; i++)
		{
			LockRelationOid(keys->keys[i].action.referred, AccessShareLock);
			rival_owner_lock(&keys->keys[i].owner);
		}
	} while (reference_cache_is_stale());
	return keys;
}

/*
 * Live twins
 */

/* The row, as one of the root of its partition. */
static Datum
row_of_root(const FenceKeys *keys, Relation relation, HeapTuple row)
{
	Relation			root;
	TupleConversionMap *map;
	Datum				value;

	if (RelationGetRelid(relation) == keys->root)
		return heap_copy_tuple_as_datum(row, RelationGetDescr(relation));
	root = table_open(keys->root, AccessShareLock);
	map = convert_tuples_by_name(RelationGetDescr(relation), RelationGetDescr(root));
	if (map != NULL)
		row = execute_attr_map_tuple(row, map);
	value = heap_copy_tuple_as_datum(row, RelationGetDescr(root));
	table_close(root, AccessShareLock);
	return value;
}

static bool
note_row(void *found, Relation relation pg_attribute_unused(),
		 TupleTableSlot *row pg_attribute_unused())
{
	*(bool *) found = true;
	return false;
}

/* Do rows go along with the deleted one?  Its own actions come later. */
static bool
has_dependents(const FenceKeys *keys, Snapshot snapshot, TupleTableSlot *row)
{
	bool found = false;

	for (int i = 0; i < keys->dependent_count && !found; i++)
	{
		const FenceDependent *dependent = &keys->dependents[i];
		Datum				  values[REFERENCE_MAX_COLUMNS];

		if (slot_value_take(row, dependent->columns, dependent->action.count, values))
		{
			LockRelationOid(dependent->action.referrer, AccessShareLock);
			key_look_each(&dependent->referrers, snapshot, values, note_row, &found);
		}
	}
	return found;
}

static bool
finds_row(const FenceKeys *keys, SPIPlanPtr plan, Snapshot snapshot, Datum *values)
{
	RoleSwitch before;
	bool	   found;

	SPI_connect();
	role_become(&before, keys->role);
	role_pin_formats(keys->time_zone);
	if (SPI_execute_snapshot(plan, values, NULL, snapshot, InvalidSnapshot, true, false, 1) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not look for the twin of a frozen row");
	found = SPI_processed > 0;
	role_return(&before);
	SPI_finish();
	return found;
}

/*
 * The way home sees which rows were deleted, changed or made in gray.  What it does not see is
 * a row that nobody wrote there, and that is gone in production.
 */
bool
fence_key_has_twin(const FenceKeys *keys, const FenceKey *key, uintptr_t uid,
				   const TriggerData *trigger, bool deleted)
{
	Datum	   values[] = {uid, row_of_root(keys, trigger->tg_relation, trigger->tg_trigtuple)};
	SPIPlanPtr plan = key->same_twin;
	Latest	   latest;
	bool	   found = false;

	CommandCounterIncrement(); /* to see what the actions of this statement wrote in gray */
	latest = latest_begin();
	if (deleted && (plan == NULL || has_dependents(keys, latest.snapshot, trigger->tg_trigslot)))
		plan = keys->twin;
	if (plan != NULL)
		found = finds_row(keys, plan, latest.snapshot, values);
	latest_end(&latest);
	return found;
}
