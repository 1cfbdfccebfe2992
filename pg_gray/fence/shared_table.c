/*
 * shared_table.c: caches, for the session, the foreign keys by which rows of users refer to a
 * table outside the release
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "fence/shared_table.h"
#include "fence/shared_trigger.h"
#include "owner/owner_route.h"
#include "owner/row_owner.h"
#include "postgres/catalog.h"
#include "postgres/partition.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "reference/reference_choice.h"
#include "release/release.h"

static HTAB *tables;

static void
make_empty(void)
{
	HASHCTL control = {.keysize = sizeof(Oid),
					   .entrysize = sizeof(SharedTable),
					   .hcxt = TopMemoryContext};

	tables = hash_create("pg_gray shared", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Keys
 */

static void
free_key(void *arg)
{
	SharedKey *key = arg;

	key_look_free(&key->referrers);
	row_owner_free(&key->owner);
}

static void
made_of(SharedTable *table, const OwnerRoute *route)
{
	for (int i = 0; i < route->count; i++)
	{
		if (OidIsValid(route->steps[i].relation))
			session_cache_made_of(&table->cached, route->steps[i].relation);
	}
}

/* Load the way from the rows that refer by a key to their owners. */
static void
load_owner(SharedTable *table, SharedKey *key, const Release *release, const OwnerRoute *route)
{
	if (route->broken != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table %s can't be told whose its rows are",
						relation_name(key->action.referrer)),
				 errdetail_internal("%s.", route->broken),
				 errhint("Nothing was written. SELECT * FROM gray_check('%s') shows what to mend.",
						 release->name)));
	made_of(table, route);
	row_owner_load(&key->owner, route, release->id);
}

/* Copies the action into the entry's memory. */
static void
load_key(SharedTable *table, SharedKey *key, const Release *release, const ReferenceAction *action)
{
	char		 *referrer = reference_choice_table(action);
	OwnerRoute	 *route = owner_route_load(release, action->side, action->referrer);
	MemoryContext procedure;

	key->either_side = reference_choice(release, action) == POLICY_EITHER_SIDE;
	procedure = MemoryContextSwitchTo(table->cached.memory);
	key->action = *action;
	key->action.name = pstrdup(action->name);
	key->action.table = NULL;
	key->allow = reference_choice_statement(release, referrer, action->name, POLICY_EITHER_SIDE);
	for (int i = 0; i < action->count; i++)
		key->columns[i] =
			partition_attnum(table->relation, action->referred, action->referred_columns[i]);
	session_cache_made_of(&table->cached, action->referrer);
	session_cache_on_drop(&table->cached, free_key, key);
	key_look_load_referrers(&key->referrers, action);
	load_owner(table, key, release, route);
	MemoryContextSwitchTo(procedure);
}

/* A key may refer to the table itself, or to a table of which it is a partition. */
static void
load_keys(SharedTable *table, const Release *release)
{
	List *actions = reference_action_list_to(release, partition_with_ancestors(table->relation));
	ListCell *cell;

	table->keys = MemoryContextAllocZero(table->cached.memory,
										 sizeof(SharedKey) * Max(list_length(actions), 1));
	foreach(cell, actions)
	{
		load_key(table, &table->keys[table->key_count], release, lfirst(cell));
		table->key_count++;
	}
}

/*
 * Tables
 */

static bool
is_dropped(const char *release)
{
	QueryArgs args = {0};

	query_arg_text(&args, release);
	return query_run("SELECT 1 FROM gray.release WHERE release::text = $1 AND uid_type IS NOT NULL",
					 &args) == 0;
}

static void
load(SharedTable *table, Relation relation, const Trigger *trigger)
{
	RoleSwitch before;

	session_cache_made_of(&table->cached, table->relation);
	SPI_connect();
	role_become_catalog_owner(&before);
	if (!is_dropped(trigger->tgargs[0]))
	{
		Release *release = release_load_with_tables(trigger->tgargs[0]);

		own_trigger_require(relation, trigger, shared_trigger_name(release->id));
		table->release = fence_user_release(release);
		table->release.name = MemoryContextStrdup(table->cached.memory, release->name);
		table->gray_schema = MemoryContextStrdup(table->cached.memory, release->gray_schema);
		load_keys(table, release);
	}
	role_return(&before);
	SPI_finish();
	table->complete = true;
}

const SharedTable *
shared_table_get(Relation relation, const Trigger *trigger)
{
	SharedTable *table;
	bool		 found;

	if (tables == NULL)
		make_empty();
	table = hash_search(tables, &trigger->tgoid, HASH_ENTER, &found);
	if (!found)
		*table = (SharedTable){.trigger = trigger->tgoid};
	if (!table->complete || table->cached.stale)
	{
		session_cache_drop(&table->cached);
		*table = (SharedTable){.trigger = trigger->tgoid, .relation = RelationGetRelid(relation)};
		session_cache_begin(&table->cached, RelationGetRelationName(relation));
		load(table, relation, trigger);
	}
	return table;
}

void
shared_table_lock(const SharedTable *table)
{
	for (int i = 0; i < table->key_count; i++)
	{
		LockRelationOid(table->keys[i].action.referrer, AccessShareLock);
		row_owner_lock(&table->keys[i].owner);
	}
}

/*
 * The locks are released early, so that a long transaction in production holds up no ALTER TABLE
 * in gray.
 */
void
shared_table_unlock(const SharedTable *table)
{
	for (int i = 0; i < table->key_count; i++)
	{
		row_owner_unlock(&table->keys[i].owner);
		UnlockRelationOid(table->keys[i].action.referrer, AccessShareLock);
	}
}
