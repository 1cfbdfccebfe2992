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
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "catalog.h"
#include "fence_table.h"
#include "partition.h"
#include "release.h"
#include "role.h"
#include "twin.h"
#include "twin_sql.h"
#include "uid.h"

static MemoryContext memory;
static HTAB			*tables;
static Oid			 registry; /* gray.release */
static bool			 stale;

static void
relation_changed(Datum arg pg_attribute_unused(), Oid relation)
{
	if (tables == NULL || stale)
		return;
	if (!OidIsValid(relation) || relation == registry ||
		hash_search(tables, &relation, HASH_FIND, NULL) != NULL)
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
		if (table->owner_plan != NULL)
			SPI_freeplan(table->owner_plan);
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
	registry = catalog_relation("release");
	stale = false;
}

/* SELECT the uid at the end of the owner path, given the row's path columns as $1 … */
static char *
owner_query(const Twin *twin, Side side)
{
	StringInfoData sql;
	const Twin	  *parent = twin->parent;

	initStringInfo(&sql);
	for (const Twin *last = parent;; last = last->parent)
	{
		if (last->uid_column != NULL)
		{
			appendStringInfo(&sql, "SELECT t%d.%s FROM %s t%d", last->position,
							 last->uid_column->name[side], parent->table[side], parent->position);
			break;
		}
	}
	for (; parent->uid_column == NULL; parent = parent->parent)
	{
		const Twin *next = parent->parent;

		appendStringInfo(&sql, " JOIN %s t%d ON true", next->table[side], next->position);
		for (int i = 0; i < parent->path_count; i++)
		{
			appendStringInfoString(&sql, " AND ");
			twin_sql_equal(&sql,
						   psprintf("t%d.%s", next->position, parent->parent_columns[i]->name[side]),
						   parent->parent_columns[i]->type[side],
						   psprintf("t%d.%s", parent->position, parent->path_columns[i]->name[side]),
						   parent->path_columns[i]->type[side]);
		}
	}
	for (int i = 0; i < twin->path_count; i++)
	{
		appendStringInfoString(&sql, i == 0 ? " WHERE " : " AND ");
		twin_sql_equal(&sql,
					   psprintf("t%d.%s", twin->parent->position,
								twin->parent_columns[i]->name[side]),
					   twin->parent_columns[i]->type[side], psprintf("$%d", i + 1),
					   twin->path_columns[i]->type[side]);
	}
	return sql.data;
}

/* The attribute of the trigger's table, which may be a partition of the twin's. */
static AttrNumber
own_attnum(const FenceTable *table, const Twin *twin, const TwinColumn *column)
{
	return partition_attnum(table->relation, twin->relation[table->side],
							column->attnum[table->side]);
}

static void
load_owner(FenceTable *table, const Twin *twin)
{
	Oid types[INDEX_MAX_KEYS];

	table->column_count = twin->uid_column != NULL ? 1 : twin->path_count;
	table->attnums = MemoryContextAlloc(memory, sizeof(int16) * table->column_count);
	if (twin->uid_column != NULL)
	{
		table->attnums[0] = own_attnum(table, twin, twin->uid_column);
		return;
	}
	for (int i = 0; i < twin->path_count; i++)
	{
		table->attnums[i] = own_attnum(table, twin, twin->path_columns[i]);
		types[i] = twin->path_columns[i]->type[table->side];
	}
	table->owner_plan = SPI_prepare(owner_query(twin, table->side), twin->path_count, types);
	if (table->owner_plan == NULL || SPI_keepplan(table->owner_plan) != 0)
		elog(ERROR, "could not prepare the owner path of table %s", twin->table[table->side]);
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
	table->owner_role = twin_owner_role(set);
	load_owner(table, twin);
	table->complete = true;
	role_return(&before);
	SPI_finish();
}

FenceTable *
fence_table_get(TriggerData *trigger)
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

/* Run the owner query as the tables' owner, as the executor's own foreign key checks do. */
static bool
query_owner(const FenceTable *table, Datum *values, Datum *uid)
{
	MemoryContext context = CurrentMemoryContext;
	Oid			  user;
	int			  sec_context;
	bool		  is_null = true;
	int			  result;

	SPI_connect();
	GetUserIdAndSecContext(&user, &sec_context);
	SetUserIdAndSecContext(table->owner_role,
						   sec_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
	result = SPI_execute_snapshot(table->owner_plan, values, NULL, GetLatestSnapshot(),
								  InvalidSnapshot, false, false, 1);
	SetUserIdAndSecContext(user, sec_context);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "could not follow the owner path: %s", SPI_result_code_string(result));
	if (SPI_processed > 0)
	{
		Datum value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
		MemoryContext procedure = MemoryContextSwitchTo(context);

		if (!is_null)
			*uid = datumCopy(value, get_typbyval(table->release.uid_type),
							 get_typlen(table->release.uid_type));
		MemoryContextSwitchTo(procedure);
	}
	SPI_finish();
	return !is_null;
}

bool
fence_table_owner(const FenceTable *table, HeapTuple row, TupleDesc descriptor, uintptr_t *uid)
{
	Datum values[INDEX_MAX_KEYS];

	for (int i = 0; i < table->column_count; i++)
	{
		bool is_null;

		values[i] = heap_getattr(row, table->attnums[i], descriptor, &is_null);
		if (is_null)
			return false;
	}
	if (table->owner_plan != NULL)
		return query_owner(table, values, uid);
	*uid = values[0];
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
