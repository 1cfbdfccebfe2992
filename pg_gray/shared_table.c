/*
 * shared_table.c: what the session knows of a table outside the release that rows of users refer to
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "fence_path.h"
#include "partition.h"
#include "query.h"
#include "reference_cache.h"
#include "reference_choice.h"
#include "release.h"
#include "role.h"
#include "shared_table.h"

static void
free_key(void *arg)
{
	SharedKey *key = arg;

	key_look_free(&key->referrers);
	rival_owner_free(&key->owner);
}

static void
watch(const SharedKey *key)
{
	reference_cache_watch(key->action.referrer);
	for (int i = 0; key->owner.path != NULL && i < key->owner.path->link_count; i++)
		reference_cache_watch(key->owner.path->links[i].parent);
}

/* In the cache's memory; the action is not. */
static void
load_key(SharedKey *key, const Release *release, const TwinSet *set, Oid relation,
		 const ReferenceAction *action)
{
	char		 *table = reference_choice_table(action);
	MemoryContext procedure;

	key->either_side = reference_choice(release, action) == POLICY_EITHER_SIDE;
	procedure = MemoryContextSwitchTo(reference_cache_memory());
	key->action = *action;
	key->action.name = pstrdup(action->name);
	key->action.twin = NULL;
	key->allow = reference_choice_statement(release, table, action->name, POLICY_EITHER_SIDE);
	for (int i = 0; i < action->count; i++)
		key->columns[i] = partition_attnum(relation, action->referred, action->referred_columns[i]);
	reference_cache_on_forget(free_key, key);
	key_look_load_referrers(&key->referrers, action);
	rival_owner_load(&key->owner, release, action->twin, action->side, twin_owner_role(set));
	watch(key);
	MemoryContextSwitchTo(procedure);
}

/* A key may lead to the table itself, or to one that it is a partition of. */
static void
load_keys(SharedTable *table, const Release *release, Oid relation)
{
	TwinSet	 *set = twin_load_all(release);
	List	 *actions = reference_action_list_to(release, set, partition_with_ancestors(relation));
	ListCell *cell;

	table->keys = MemoryContextAllocZero(reference_cache_memory(),
										 sizeof(SharedKey) * Max(list_length(actions), 1));
	foreach(cell, actions)
	{
		load_key(&table->keys[table->key_count], release, set, relation, lfirst(cell));
		table->key_count++;
	}
}

static bool
is_dropped(const char *release)
{
	QueryArgs args = {0};

	query_arg_text(&args, release);
	return query_run("SELECT 1 FROM gray.release WHERE release::text = $1 AND uid_type IS NOT NULL",
					 &args) == 0;
}

static SharedTable *
load(Relation relation, const Trigger *trigger)
{
	SharedTable *table;
	RoleSwitch	 before;

	reference_cache_watch(RelationGetRelid(relation));
	table = MemoryContextAllocZero(reference_cache_memory(), sizeof(SharedTable));
	SPI_connect();
	role_become_catalog_owner(&before);
	if (!is_dropped(trigger->tgargs[0]))
	{
		Release *release = release_load(trigger->tgargs[0]);

		table->release = fence_user_release(release);
		table->release.name = MemoryContextStrdup(reference_cache_memory(), release->name);
		table->gray_schema = MemoryContextStrdup(reference_cache_memory(), release->gray_schema);
		load_keys(table, release, RelationGetRelid(relation));
	}
	role_return(&before);
	SPI_finish();
	reference_cache_put(CACHE_SHARED_TABLE, trigger->tgoid, table);
	return table;
}

const SharedTable *
shared_table_get(Relation relation, const Trigger *trigger)
{
	const SharedTable *table = reference_cache_find(CACHE_SHARED_TABLE, trigger->tgoid);

	return table != NULL ? table : load(relation, trigger);
}

bool
shared_table_is_stale(void)
{
	return reference_cache_is_stale();
}

void
shared_table_lock(const SharedTable *table)
{
	for (int i = 0; i < table->key_count; i++)
	{
		LockRelationOid(table->keys[i].action.referrer, AccessShareLock);
		rival_owner_lock(&table->keys[i].owner);
	}
}

/* Soon again, so that a long transaction in production holds up no ALTER in gray. */
void
shared_table_unlock(const SharedTable *table)
{
	for (int i = 0; i < table->key_count; i++)
	{
		rival_owner_unlock(&table->keys[i].owner);
		UnlockRelationOid(table->keys[i].action.referrer, AccessShareLock);
	}
}
