/*
 * fence_table.c: what the fence knows of a table, remembered by the session
 *
 * Dropped whole, never patched, at the next use after any of the tables or
 * the registry was changed: relcache invalidation only sets a flag, since it
 * may come while an entry is in use.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_inherits.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "catalog.h"
#include "fence.h"
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
own_attnum(const FenceTable *table, const Twin *twin, AttrNumber attnum)
{
	return partition_attnum(table->relation, twin->relation[table->side], attnum);
}

/* Changes to the parents count as changes to the table. */
static void
watch(const FencePath *path)
{
	for (int i = 0; i < path->link_count; i++)
		(void) hash_search(watched, &path->links[i].parent, HASH_ENTER, NULL);
}

/* In the memory of the tables. */
static void
load_owner(FenceTable *table, const Release *release, const TwinSet *set, const Twin *twin)
{
	table->column_count = twin->uid_column != NULL ? 1 : twin->path_count;
	table->attnums = palloc(sizeof(int16) * table->column_count);
	if (twin->uid_column != NULL)
	{
		table->attnums[0] = own_attnum(table, twin, twin->uid_column->attnum[table->side]);
		return;
	}
	for (int i = 0; i < twin->path_count; i++)
		table->attnums[i] = own_attnum(table, twin, twin->path_columns[i]->attnum[table->side]);
	table->path = fence_path_load(release, twin, table->side, twin_owner_role(set));
	watch(table->path);
}

static bool
is_descendant(const Twin *twin, const Twin *of)
{
	for (twin = twin->parent; twin != NULL; twin = twin->parent)
	{
		if (twin == of)
			return true;
	}
	return false;
}

static void
load_children(FenceTable *table, const TwinSet *set, const Twin *twin)
{
	table->children = palloc(sizeof(FenceNobody) * set->count);
	for (int i = 0; i < set->count; i++)
	{
		const Twin *other = &set->twins[i];

		if (is_descendant(other, twin))
			table->descendants = lappend_oid(table->descendants, other->relation[table->side]);
		if (other->parent == twin)
		{
			FenceNobody *child = &table->children[table->child_count++];

			*child = fence_nobody_load(other, table->side, END_PARENT);
			for (int column = 0; column < child->count; column++)
				child->attnums[column] = own_attnum(table, twin, child->attnums[column]);
		}
	}
}

static Side
trigger_side(const Trigger *trigger)
{
	if (trigger->tgnargs != 2)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.fence() takes a release and a side")));
	return side_parse(trigger->tgargs[1]);
}

/* That of fence_skip.c is in no catalog: it stands for the fence's. */
static const char *
catalog_name(const Trigger *trigger)
{
	return quote_identifier(OidIsValid(trigger->tgoid) ? trigger->tgname : FENCE_TRIGGER);
}

static void
load(FenceTable *table, Relation relation, const Trigger *fence)
{
	MemoryContext procedure;
	RoleSwitch	  before;
	Release		 *release;
	TwinSet		 *set;
	Twin		 *twin;

	table->side = trigger_side(fence);
	SPI_connect();
	role_become_catalog_owner(&before);
	release = release_load_with_tables(fence->tgargs[0]);
	set = twin_load_all(release);
	twin = twin_find(set, table->side, table->relation);
	if (twin == NULL)
		twin = twin_find(set, table->side, partition_root(table->relation));
	if (twin == NULL)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table \"%s\" is fenced, but not a table of release \"%s\"",
							   RelationGetRelationName(relation), release->name),
						errhint("DROP TRIGGER %s ON it.", catalog_name(fence))));

	table->release = fence_user_release(release);
	procedure = MemoryContextSwitchTo(memory);
	table->release.name = pstrdup(release->name);
	load_owner(table, release, set, twin);
	load_children(table, set, twin);
	MemoryContextSwitchTo(procedure);
	table->complete = true;
	role_return(&before);
	SPI_finish();
}

static FenceTable *
find_or_load(Relation relation, const Trigger *fence)
{
	Oid			oid = RelationGetRelid(relation);
	FenceTable *table;
	bool		found;

	if (tables != NULL && stale)
		forget_all();
	if (tables == NULL)
		make_empty();

	table = hash_search(tables, &oid, HASH_ENTER, &found);
	if (!found || !table->complete)
	{
		memset(table, 0, sizeof(FenceTable));
		table->relation = oid;
		load(table, relation, fence);
	}
	return table;
}

/* Once its tables are locked, nobody else can make the entry stale. */
const FenceTable *
fence_table_get(Relation relation, const Trigger *fence)
{
	FenceTable *table;

	do
	{
		table = find_or_load(relation, fence);
		for (int i = 0; table->path != NULL && i < table->path->link_count; i++)
			LockRelationOid(table->path->links[i].parent, AccessShareLock);
	} while (stale);
	return table;
}

static bool
row_values(const int16 *attnums, int count, HeapTuple row, TupleDesc descriptor, Datum *values)
{
	for (int i = 0; i < count; i++)
	{
		bool is_null;

		values[i] = heap_getattr(row, attnums[i], descriptor, &is_null);
		if (is_null)
			return false;
	}
	return true;
}

bool
fence_table_values(const FenceTable *table, HeapTuple row, TupleDesc descriptor, uintptr_t *values)
{
	return row_values(table->attnums, table->column_count, row, descriptor, values);
}

bool
fence_table_child_values(const FenceTable *table, int child, HeapTuple row, TupleDesc descriptor,
						 uintptr_t *values)
{
	const FenceNobody *way = &table->children[child];

	return row_values(way->attnums, way->count, row, descriptor, values);
}

void
fence_table_lock_descendants(const FenceTable *table)
{
	ListCell *cell;

	foreach(cell, table->descendants)
	{
		LockRelationOid(lfirst_oid(cell), ShareLock);
		(void) find_all_inheritors(lfirst_oid(cell), ShareLock, NULL);
	}
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
