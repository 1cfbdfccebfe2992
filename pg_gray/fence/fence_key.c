/*
 * fence_key.c: caches, for the session, the foreign keys by whose actions a fenced table is
 * written
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
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "fence/fence_key.h"
#include "fence/fence_table.h"
#include "owner/owner_route.h"
#include "owner/row_owner.h"
#include "postgres/foreign_key.h"
#include "postgres/latest_snapshot.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "postgres/row_image.h"
#include "release/release.h"
#include "release/twin_difference.h"
#include "release/twin_load.h"
#include "release/twin_sql.h"

/*
 * Loading
 */

static bool
acts(const ReferenceAction *action)
{
	return reference_action_on_delete(action) || reference_action_on_update(action) ||
		   action->on_update == FKCONSTR_ACTION_CASCADE;
}

/*
 * Append conditions: gray row g refers to the row to which production row p referred.  False when
 * gray has no columns for the key.
 */
static bool
append_same(StringInfo sql, const Twin *twin, const ReferenceAction *action)
{
	for (int i = 0; i < action->count; i++)
	{
		AttrNumber	  attnum = partition_attnum(twin->relation[SIDE_PRODUCTION], action->referrer,
												action->referring_columns[i]);
		const Column *column = twin_pair(twin, SIDE_PRODUCTION, attnum);

		if (column == NULL)
			return false;
		appendStringInfoString(sql, " AND ");
		twin_difference_as_it_came(sql, twin, column);
	}
	return true;
}

static SPIPlanPtr
prepare_twin(FenceKeys *keys, const Release *release, const Twin *twin, const char *condition)
{
	QueryArgs	   args = {0};
	StringInfoData sql;
	SPIPlanPtr	   plan;

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
	plan = query_prepare(sql.data, &args);
	query_keep(plan);
	session_cache_own_plan(&keys->entry, plan);
	return plan;
}

/* Load the way to the owner of the referred row, which belongs to the release. */
static void
load_owner(FenceKeys *keys, FenceKey *key, const Release *release, Side side)
{
	const OwnerRoute *route = owner_route_load(release, side, key->action.referred);

	owner_route_refuse_broken(route, release, key->action.referred);
	owner_route_made_of(route, &keys->entry);
	row_owner_load(&key->owner, &keys->entry, route, release->id);
}

static void
load_key(FenceKeys *keys, FenceKey *key, const Release *release, const List *tables,
		 const Twin *twin)
{
	Side		   side;
	StringInfoData same;
	RoleSwitch	   before;

	session_cache_made_of(&keys->entry, key->action.referred);
	key_look_load_referred(&key->referred, &keys->entry, &key->action);
	key->is_outside = release_table_find(tables, key->action.referred, &side) == NULL;
	if (!key->is_outside)
		load_owner(keys, key, release, side);
	if (twin == NULL)
		return;
	initStringInfo(&same);
	role_become(&before, keys->role);
	if (append_same(&same, twin, &key->action))
		key->same_twin = prepare_twin(keys, release, twin, same.data);
	role_return(&before);
}

static void
load_dependent(FenceKeys *keys, FenceDependent *dependent)
{
	const ReferenceAction *action = &dependent->action;

	for (int i = 0; i < action->count; i++)
		dependent->columns[i] =
			partition_attnum(keys->relation, action->referred, action->referred_columns[i]);
	session_cache_made_of(&keys->entry, action->referrer);
	key_look_load_referrers(&dependent->referrers, &keys->entry, action);
}

static void
load_dependents(FenceKeys *keys, const List *tables)
{
	QueryArgs args = {0};
	uint64	  rows;
	Side	  side;

	query_arg_oids(&args, partition_with_ancestors(keys->relation));
	rows =
		query_run("SELECT oid FROM pg_catalog.pg_constraint WHERE contype = 'f'"
				  " AND conparentid = 0 AND confrelid = ANY ($1) AND confdeltype IN ('c', 'n', 'd')",
				  &args);
	keys->dependents = palloc0(sizeof(FenceDependent) * Max(rows, 1));
	for (uint64 row = 0; row < rows; row++)
	{
		ReferenceAction *action = &keys->dependents[keys->dependent_count].action;

		if (reference_action_load(query_oid(row, 1), action) &&
			release_table_find(tables, action->referrer, &side) != NULL)
			keys->dependent_count++;
	}
	for (int i = 0; i < keys->dependent_count; i++)
		load_dependent(keys, &keys->dependents[i]);
}

static void
load_twin(FenceKeys *keys, const Release *release, const Twin *twin)
{
	RoleSwitch before;

	role_become(&before, keys->role);
	keys->twin = prepare_twin(keys, release, twin, "");
	role_return(&before);
}

/* Return the twin of the frozen row's table; null when its gray rows can't be found. */
static const Twin *
find_twin(FenceKeys *keys, const Release *release, int position)
{
	List *positions = NIL;

	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		const OwnerRoute *route = owner_route_load_at(release, side, position);

		owner_route_made_of(route, &keys->entry);
		if (route->broken != NULL)
			return NULL;
		for (int i = 0; side == SIDE_PRODUCTION && i < route->count; i++)
			positions = lappend_int(positions, route->steps[i].position);
	}
	return twin_find(twin_load_some(release, positions), SIDE_PRODUCTION, keys->root);
}

/* Allocates in the entry's memory context. */
static void
load_keys(FenceKeys *keys, const Release *release, const List *tables, const List *all,
		  const Twin *twin)
{
	MemoryContext procedure = MemoryContextSwitchTo(keys->entry.memory);
	ListCell	 *cell;

	keys->formats = role_copy_formats(&release->formats);
	keys->keys = palloc0(sizeof(FenceKey) * Max(list_length(all), 1));
	foreach(cell, all)
	{
		FenceKey *key = &keys->keys[keys->count];

		if (!reference_action_load(((ForeignKeyCacheInfo *) lfirst(cell))->conoid, &key->action) ||
			!acts(&key->action))
			continue;
		load_key(keys, key, release, tables, twin);
		keys->count++;
	}
	if (twin != NULL)
		load_twin(keys, release, twin);
	MemoryContextSwitchTo(procedure);
}

static void
load(void *entry, const void *source)
{
	FenceKeys		   *keys = entry;
	const FenceTable   *table = source;
	Release			   *release;
	List			   *tables;
	const ReleaseTable *found;
	const Twin		   *twin = NULL;
	Side				side;

	keys->relation = table->relation;
	release = release_load_with_tables(table->release.name);
	tables = release_table_list(release);
	found = release_table_find(tables, keys->relation, &side);
	keys->root = found->relation[side];
	keys->role = relation_owner(keys->root);
	session_cache_made_of(&keys->entry, keys->relation);
	session_cache_made_of(&keys->entry, keys->root);
	if (side == SIDE_PRODUCTION)
		twin = find_twin(keys, release, found->position);
	load_keys(keys, release, tables, foreign_key_list(keys->relation), twin);
	if (side == SIDE_PRODUCTION)
	{
		MemoryContext procedure = MemoryContextSwitchTo(keys->entry.memory);

		load_dependents(keys, tables);
		MemoryContextSwitchTo(procedure);
	}
}

static SessionCache all_keys = {.name = "pg_gray fence keys",
								.entry_size = sizeof(FenceKeys),
								.load = load};

const FenceKeys *
fence_key_get(const FenceTable *table)
{
	const FenceKeys *keys;

	do
	{
		keys = session_cache_get(&all_keys, table->relation, table);
		for (int i = 0; i < keys->count; i++)
		{
			LockRelationOid(keys->keys[i].action.referred, AccessShareLock);
			row_owner_lock(&keys->keys[i].owner);
		}
	} while (keys->entry.stale);
	return keys;
}

/*
 * Live twins
 */

/* Return the row as a row of the partition's root table. */
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

/*
 * True when the action of another foreign key will reach rows that refer to the deleted row; those
 * actions come later.
 */
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
	role_pin_formats(&keys->formats);
	if (SPI_execute_snapshot(plan, values, NULL, snapshot, InvalidSnapshot, true, false, 1) !=
		SPI_OK_SELECT)
		elog(ERROR, "could not look for the twin of a frozen row");
	found = SPI_processed > 0;
	role_return(&before);
	SPI_finish();
	return found;
}

/*
 * The way home sees which rows were deleted, changed or inserted in gray.  It does not see a row
 * that nobody wrote in gray and that is gone in production.  When the gray table is gone, the
 * frozen row is all that is left, so it counts as having a twin.
 */
bool
fence_key_has_twin(const FenceKeys *keys, const FenceKey *key, uintptr_t uid,
				   const TriggerData *trigger, bool deleted)
{
	Datum		   values[] = {uid, row_of_root(keys, trigger->tg_relation, trigger->tg_trigtuple)};
	SPIPlanPtr	   plan = key->same_twin;
	LatestSnapshot latest;
	bool		   found = false;

	if (keys->twin == NULL)
		return true;
	/* so that the look sees the rows that the actions of this statement wrote in gray */
	CommandCounterIncrement();
	latest = latest_snapshot_begin();
	if (deleted && (plan == NULL || has_dependents(keys, latest.snapshot, trigger->tg_trigslot)))
		plan = keys->twin;
	if (plan != NULL)
		found = finds_row(keys, plan, latest.snapshot, values);
	latest_snapshot_end(&latest);
	return found;
}
