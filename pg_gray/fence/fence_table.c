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
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "fence/fence.h"
#include "fence/fence_table.h"
#include "owner/owner_route.h"
#include "owner/row_owner.h"
#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "release/release.h"

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
		table->path = owner_walk_load(&table->entry, route, table->release.id);
}

/* Runs in the memory context of the entry. */
static void
load_route(FenceTable *table, const OwnerRoute *route)
{
	table->position = route->steps[0].position;
	table->own = route->own;
	if (route->broken != NULL)
	{
		table->broken = pstrdup(route->broken);
		table->broken_in = MyProc->lxid;
		return;
	}
	owner_route_made_of(route, &table->entry);
	load_owner(table, route);
}

static Side
trigger_side(const Trigger *trigger)
{
	if (trigger->tgnargs != 2)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.fence() takes a release and a side")));
	return side_of_label(trigger->tgargs[1]);
}

/* The trigger of fence_skip.c is in no catalog: it stands for the fence. */
static const char *
catalog_name(const Trigger *trigger)
{
	return OidIsValid(trigger->tgoid) ? trigger->tgname : FENCE_TRIGGER;
}

typedef struct Source
{
	Relation	   relation;
	const Trigger *fence;
} Source;

static void
load(void *entry, const void *argument)
{
	FenceTable	  *table = entry;
	const Source  *source = argument;
	const Trigger *fence = source->fence;
	MemoryContext  procedure;
	Release		  *release;
	OwnerRoute	  *route;

	table->relation = RelationGetRelid(source->relation);
	table->side = trigger_side(fence);
	release = release_load_with_tables(fence->tgargs[0]);
	route = owner_route_load(release, table->side, table->relation);
	if (route == NULL)
		own_trigger_refuse_table(source->relation, catalog_name(fence), release->name);

	session_cache_made_of(&table->entry, table->relation);
	table->release = fence_user_release(release);
	procedure = MemoryContextSwitchTo(table->entry.memory);
	table->release.name = pstrdup(release->name);
	load_route(table, route);
	MemoryContextSwitchTo(procedure);
}

static SessionCache tables = {.name = "pg_gray fence",
							  .entry_size = sizeof(FenceTable),
							  .load = load};

/*
 * A missing table or column of the owner path may come back, and that changes nothing on which the
 * entry depends.  So a broken entry holds for one transaction only.
 */
static FenceTable *
find_or_load(Relation relation, const Trigger *fence)
{
	Oid			oid = RelationGetRelid(relation);
	FenceTable *table = session_cache_find(&tables, oid);

	if (table != NULL && (table->broken == NULL || table->broken_in == MyProc->lxid))
		return table;
	return session_cache_load(&tables, oid, &(Source){relation, fence});
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
	} while (table->entry.stale);
	return table;
}

/*
 * Children and descendants
 */

static void
load_children(FenceFamily *family, const FenceTable *table, const List *steps)
{
	ListCell *cell;

	family->children = palloc(sizeof(OwnerNobody) * Max(list_length(steps), 1));
	foreach(cell, steps)
	{
		const OwnerStep *step = lfirst(cell);
		OwnerNobody		*child = &family->children[family->child_count++];

		session_cache_made_of(&family->entry, step->relation);
		*child = owner_nobody_load(step, END_PARENT);
		for (int i = 0; i < child->count; i++)
			child->attnums[i] =
				own_attnum(table, partition_root(table->relation), child->attnums[i]);
	}
}

static void
load_family(void *entry, const void *source)
{
	FenceFamily		 *family = entry;
	const FenceTable *table = source;
	Release			 *release = release_load_with_tables(table->release.name);
	List			 *children = owner_route_children(release, table->side, table->position);
	List			 *descendants = owner_route_descendants(release, table->side, table->position);
	MemoryContext	  procedure = MemoryContextSwitchTo(family->entry.memory);

	session_cache_made_of(&family->entry, table->relation);
	load_children(family, table, children);
	family->descendants = list_copy(descendants);
	MemoryContextSwitchTo(procedure);
}

static SessionCache families = {.name = "pg_gray fence families",
								.entry_size = sizeof(FenceFamily),
								.load = load_family};

const FenceFamily *
fence_table_family(const FenceTable *table)
{
	return session_cache_get(&families, table->relation, table);
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
fence_table_child_values(const OwnerNobody *child, HeapTuple row, TupleDesc descriptor,
						 uintptr_t *values)
{
	return row_values(child->attnums, child->count, row, descriptor, values);
}

void
fence_table_lock_descendants(const FenceTable *table)
{
	ListCell *cell;

	foreach(cell, fence_table_family(table)->descendants)
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
