/*
 * fence_table.c: caches, for the session, the facts about a table that the fence needs
 *
 * An entry depends on the table and on the tables of its owner path, on this side alone.  A change
 * to another table, or to the other side, makes no entry stale.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_inherits.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "fence/fence.h"
#include "fence/fence_table.h"
#include "owner/owner_route.h"
#include "owner/row_owner.h"
#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "postgres/role.h"
#include "release/release.h"

static HTAB *tables;

static void
make_empty(void)
{
	HASHCTL control = {.keysize = sizeof(Oid),
					   .entrysize = sizeof(FenceTable),
					   .hcxt = TopMemoryContext};

	tables = hash_create("pg_gray fence", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Return the column's number in the trigger's table, which may be a partition of the registered
 * table.
 */
static AttrNumber
own_attnum(const FenceTable *table, Oid registered, AttrNumber attnum)
{
	return partition_attnum(table->relation, registered, attnum);
}

static void
free_path(void *path)
{
	owner_walk_free(path);
}

/* The plans of the path are not in the entry's memory, but are freed with the entry. */
static void
load_path(FenceTable *table, const OwnerRoute *route)
{
	table->path = owner_walk_load(route, table->release.id);
	session_cache_on_drop(&table->cached, free_path, table->path);
}

static void
load_owner(FenceTable *table, const OwnerRoute *route)
{
	const OwnerStep *step = &route->steps[0];
	const OwnerStep *uid = &route->steps[route->count - 1];

	table->column_count = step->count;
	table->attnums = palloc(sizeof(int16) * step->count);
	for (int i = 0; i < step->count; i++)
		table->attnums[i] = own_attnum(table, step->relation, step->columns[i].attnum);
	table->uid_type = getBaseType(uid->columns[0].type);
	table->release.uid_table = uid->relation;
	table->release.uid_attnum = uid->columns[0].attnum;
	if (step->referred != NULL)
		load_path(table, route);
}

/* Runs in the memory context of the entry. */
static void
load_route(FenceTable *table, const OwnerRoute *route)
{
	table->position = route->steps[0].position;
	if (route->broken != NULL)
	{
		table->broken = pstrdup(route->broken);
		table->broken_in = MyProc->lxid;
		return;
	}
	for (int i = 0; i < route->count; i++)
		session_cache_made_of(&table->cached, route->steps[i].relation);
	load_owner(table, route);
}

static Side
trigger_side(const Trigger *trigger)
{
	if (trigger->tgnargs != 2)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.fence() takes a release and a side")));
	return side_parse(trigger->tgargs[1]);
}

/* The trigger of fence_skip.c is in no catalog: it stands for the fence. */
static const char *
catalog_name(const Trigger *trigger)
{
	return OidIsValid(trigger->tgoid) ? trigger->tgname : FENCE_TRIGGER;
}

static void
load(FenceTable *table, Relation relation, const Trigger *fence)
{
	MemoryContext procedure;
	RoleSwitch	  before;
	Release		 *release;
	OwnerRoute	 *route;

	table->side = trigger_side(fence);
	SPI_connect();
	role_become_catalog_owner(&before);
	release = release_load_with_tables(fence->tgargs[0]);
	route = owner_route_load(release, table->side, table->relation);
	if (route == NULL)
		own_trigger_refuse_table(relation, catalog_name(fence), release->name);

	session_cache_made_of(&table->cached, table->relation);
	table->release = fence_user_release(release);
	procedure = MemoryContextSwitchTo(table->cached.memory);
	table->release.name = pstrdup(release->name);
	load_route(table, route);
	MemoryContextSwitchTo(procedure);
	table->complete = true;
	role_return(&before);
	SPI_finish();
}

/*
 * A missing table or column of the owner path may come back, and that changes nothing on which the
 * entry depends.  So a broken entry holds for one transaction only.
 */
static bool
is_usable(const FenceTable *table)
{
	return table->complete && !table->cached.stale &&
		   (table->broken == NULL || table->broken_in == MyProc->lxid);
}

static FenceTable *
find_or_load(Relation relation, const Trigger *fence)
{
	Oid			oid = RelationGetRelid(relation);
	FenceTable *table;
	bool		found;

	if (tables == NULL)
		make_empty();
	table = hash_search(tables, &oid, HASH_ENTER, &found);
	if (!found)
		memset(table, 0, sizeof(FenceTable));
	if (!is_usable(table))
	{
		session_cache_drop(&table->cached);
		memset(table, 0, sizeof(FenceTable));
		table->relation = oid;
		session_cache_begin(&table->cached, RelationGetRelationName(relation));
		load(table, relation, fence);
	}
	return table;
}

/* Once the tables of the entry are locked, no other session can make the entry stale. */
const FenceTable *
fence_table_get(Relation relation, const Trigger *fence)
{
	FenceTable *table;

	do
	{
		table = find_or_load(relation, fence);
		for (int i = 0; table->path != NULL && i < table->path->link_count; i++)
			LockRelationOid(table->path->links[i].parent, AccessShareLock);
	} while (table->cached.stale);
	return table;
}

/*
 * Children and descendants
 */

static void
load_children(FenceTable *table, const List *steps)
{
	ListCell *cell;

	table->child_count = 0;
	table->children = palloc(sizeof(OwnerNobody) * Max(list_length(steps), 1));
	foreach(cell, steps)
	{
		const OwnerStep *step = lfirst(cell);
		OwnerNobody		*child = &table->children[table->child_count++];

		session_cache_made_of(&table->cached, step->relation);
		*child = owner_nobody_load(step, END_PARENT);
		for (int i = 0; i < child->count; i++)
			child->attnums[i] =
				own_attnum(table, partition_root(table->relation), child->attnums[i]);
	}
}

static void
load_family(FenceTable *table)
{
	MemoryContext procedure;
	RoleSwitch	  before;
	Release		 *release;
	List		 *children;
	List		 *descendants;

	SPI_connect();
	role_become_catalog_owner(&before);
	release = release_load_with_tables(table->release.name);
	children = owner_route_children(release, table->side, table->position);
	descendants = owner_route_descendants(release, table->side, table->position);
	procedure = MemoryContextSwitchTo(table->cached.memory);
	load_children(table, children);
	table->descendants = list_copy(descendants);
	MemoryContextSwitchTo(procedure);
	table->has_family = true;
	role_return(&before);
	SPI_finish();
}

int
fence_table_child_count(const FenceTable *table)
{
	if (!table->has_family)
		load_family(unconstify(FenceTable *, table));
	return table->child_count;
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
	const OwnerNobody *way = &table->children[child];

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
