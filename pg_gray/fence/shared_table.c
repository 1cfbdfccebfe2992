/*
 * shared_table.c: caches, for the session, the foreign keys by which rows of users refer to a
 * table outside the release
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
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

/* Load the way from the rows that refer by a foreign key to their owners. */
static void
load_owner(SharedTable *table, SharedKey *key, const Release *release, const OwnerRoute *route)
{
	owner_route_refuse_broken(route, release, key->action.referrer);
	owner_route_made_of(route, &table->entry);
	row_owner_load(&key->owner, &table->entry, route, release->id);
}

/* Load a foreign key; copies the action into the entry's memory. */
static void
load_key(SharedTable *table, SharedKey *key, const Release *release, const ReferenceAction *action)
{
	char		 *referrer = reference_choice_table(action);
	OwnerRoute	 *route = owner_route_load(release, action->side, action->referrer);
	MemoryContext procedure;

	key->either_side = reference_choice(release, action) == POLICY_EITHER_SIDE;
	procedure = MemoryContextSwitchTo(table->entry.memory);
	key->action = *action;
	key->action.name = pstrdup(action->name);
	key->action.table = NULL;
	key->allow = reference_choice_statement(release, referrer, action->name, POLICY_EITHER_SIDE);
	for (int i = 0; i < action->count; i++)
		key->columns[i] =
			partition_attnum(table->relation, action->referred, action->referred_columns[i]);
	session_cache_made_of(&table->entry, action->referrer);
	key_look_load_referrers(&key->referrers, &table->entry, action);
	load_owner(table, key, release, route);
	MemoryContextSwitchTo(procedure);
}

/* Load the foreign keys that refer to the table, or to a table of which it is a partition. */
static void
load_keys(SharedTable *table, const Release *release)
{
	List *actions = reference_action_list_to(release, partition_with_ancestors(table->relation));
	ListCell *cell;

	table->keys = MemoryContextAllocZero(table->entry.memory,
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

typedef struct Source
{
	Relation	   relation;
	const Trigger *trigger;
} Source;

static void
load(void *entry, const void *argument)
{
	SharedTable	 *table = entry;
	const Source *source = argument;
	const char	 *name = source->trigger->tgargs[0];
	Release		 *release;

	table->relation = RelationGetRelid(source->relation);
	session_cache_made_of(&table->entry, table->relation);
	if (is_dropped(name))
		return;
	release = release_load_with_tables(name);
	own_trigger_require(source->relation, source->trigger, shared_trigger_name(release->id));
	table->release = fence_user_release(release);
	table->release.name = MemoryContextStrdup(table->entry.memory, release->name);
	table->gray_schema = MemoryContextStrdup(table->entry.memory, release->gray_schema);
	load_keys(table, release);
}

static SessionCache tables = {.name = "pg_gray shared",
							  .entry_size = sizeof(SharedTable),
							  .load = load};

const SharedTable *
shared_table_get(Relation relation, const Trigger *trigger)
{
	return session_cache_get(&tables, trigger->tgoid, &(Source){relation, trigger});
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
