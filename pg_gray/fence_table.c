/*
 * fence_table.c: what the fence knows of a table, remembered by the session
 *
 * Dropped whole, never patched, at the next use after any of the tables or
 * the registry was changed: relcache invalidation only sets a flag, since it
 * may come while an entry is in use.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "catalog.h"
#include "fence_path.h"
#include "fence_table.h"
#include "partition.h"
#include "release.h"
#include "role.h"
#include "twin.h"
#include "uid.h"

static MemoryContext memory;
static HTAB			*tables;
static HTAB			*watched;  /* Oids of the tables on their owner paths */
static Oid			 registry; /* gray.release */
static bool			 stale;

static void
relation_changed(Datum arg pg_attribute_unused(), Oid relation)
{
	if (tables == NULL || stale)
		return;
	if (!OidIsValid(relation) || relation == registry ||
		hash_search(tables, &relation, HASH_FIND, NULL) != NULL ||
		hash_search(watched, &relation, HASH_FIND, NULL) != NULL)
		stale = true;
}

void
fence_table_init(void)
{
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
}

static void
forget_all(void)
{
	HASH_SEQ_STATUS scan;
	FenceTable	   *table;

	hash_seq_init(&scan, tables);
	while ((table = hash_seq_search(&scan)) != NULL)
	{
		if (table->path != NULL)
			fence_path_free(table->path);
	}
	tables = NULL;
	MemoryContextDelete(memory);
	memory = NULL;
}

static void
make_empty(void)
{
	HASHCTL control = {.keysize = sizeof(Oid), .entrysize = sizeof(FenceTable)};

	memory = AllocSetContextCreate(TopMemoryContext, "pg_gray fence", ALLOCSET_SMALL_SIZES);
	control.hcxt = memory;
	tables = hash_create("pg_gray fence", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	control.entrysize = sizeof(Oid);
	watched = hash_create("pg_gray watched", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	registry = catalog_relation("release");
	stale = false;
}

/* The attribute of the trigger's table, which may be a partition of the twin's. */
static AttrNumber
own_attnum(const FenceTable *table, const Twin *twin, const TwinColumn *column)
{
	return partition_attnum(table->relation, twin->relation[table->side],
							column->attnum[table->side]);
}

/* Changes to the parents count as changes to the table. */
static void
watch(const FencePath *path)
{
	for (int i = 0; i < path->link_count; i++)
		(void) hash_search(watched, &path->links[i].parent, HASH_ENTER, NULL);
}

static void
load_owner(FenceTable *table, const Twin *twin, Oid owner_role)
{
	MemoryContext procedure;

	table->column_count = twin->uid_column != NULL ? 1 : twin->path_count;
	table->attnums = MemoryContextAlloc(memory, sizeof(int16) * table->column_count);
	if (twin->uid_column != NULL)
	{
		table->attnums[0] = own_attnum(table, twin, twin->uid_column);
		return;
	}
	for (int i = 0; i < twin->path_count; i++)
		table->attnums[i] = own_attnum(table, twin, twin->path_columns[i]);
	procedure = MemoryContextSwitchTo(memory);
	table->path = fence_path_load(twin, table->side, owner_role);
	MemoryContextSwitchTo(procedure);
	watch(table->path);
}

static Side
trigger_side(const Trigger *trigger)
{
	if (trigger->tgnargs != 2)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.fence() takes a release and a side")));
	return side_parse(trigger->tgargs[1]);
}

static void
load(FenceTable *table, TriggerData *trigger)
{
	RoleSwitch before;
	Release	  *release;
	TwinSet	  *set;
	Twin	  *twin;

	SPI_connect();
	role_become_catalog_owner(&before);
	release = release_load_with_tables(trigger->tg_trigger->tgargs[0]);
	set = twin_load_all(release);
	table->side = trigger_side(trigger->tg_trigger);
	twin = twin_find(set, table->side, table->relation);
	if (twin == NULL)
		twin = twin_find(set, table->side, partition_root(table->relation));
	if (twin == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table \"%s\" is fenced, but not a table of release \"%s\"",
							   RelationGetRelationName(trigger->tg_relation), release->name),
						errhint("DROP TRIGGER %s ON it.", trigger->tg_trigger->tgname)));

	table->release = fence_user_release(release);
	table->release.name = MemoryContextStrdup(memory, release->name);
	load_owner(table, twin, twin_owner_role(set));
	table->complete = true;
	role_return(&before);
	SPI_finish();
}

static FenceTable *
find_or_load(TriggerData *trigger)
{
	Oid			relation = RelationGetRelid(trigger->tg_relation);
	FenceTable *table;
	bool		found;

	if (tables != NULL && stale)
		forget_all();
	if (tables == NULL)
		make_empty();

	table = hash_search(tables, &relation, HASH_ENTER, &found);
	if (!found || !table->complete)
	{
		memset(table, 0, sizeof(FenceTable));
		table->relation = relation;
		load(table, trigger);
	}
	return table;
}

/* Once its tables are locked, nobody else can make the entry stale. */
FenceTable *
fence_table_get(TriggerData *trigger)
{
	FenceTable *table;

	do
	{
		table = find_or_load(trigger);
		for (int i = 0; table->path != NULL && i < table->path->link_count; i++)
			LockRelationOid(table->path->links[i].parent, AccessShareLock);
	} while (stale);
	return table;
}

bool
fence_table_values(const FenceTable *table, HeapTuple row, TupleDesc descriptor, uintptr_t *values)
{
	for (int i = 0; i < table->column_count; i++)
	{
		bool is_null;

		values[i] = heap_getattr(row, table->attnums[i], descriptor, &is_null);
		if (is_null)
			return false;
	}
	return true;
}

bool
fence_table_owner_may_differ(const FenceTable *table, HeapTuple old_row, HeapTuple new_row,
							 TupleDesc descriptor)
{
	for (int i = 0; i < table->column_count; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, table->attnums[i] - 1);
		bool			  old_null;
		bool			  new_null;
		Datum old_value = heap_getattr(old_row, table->attnums[i], descriptor, &old_null);
		Datum new_value = heap_getattr(new_row, table->attnums[i], descriptor, &new_null);

		if (old_null != new_null)
			return true;
		if (!old_null &&
			!datum_image_eq(old_value, new_value, attribute->attbyval, attribute->attlen))
			return true;
	}
	return false;
}
