/*
 * session_cache.c: keeps data that a session has derived from relations, until one of them changes
 *
 * The data is dropped whole, never patched, at the next use after one of the relations was
 * changed: a relcache invalidation only sets a flag, since it may come while the data is in use.
 * An invalidation flags only the data that depends on the relation that it names.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "nodes/pg_list.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "postgres/catalog.h"
#include "postgres/role.h"
#include "postgres/session_cache.h"

typedef struct Slot
{
	unsigned int  key; /* must be first */
	SessionEntry *entry;
} Slot;

/* The list of all entries whose memory is not freed yet, also of replaced entries. */
static SessionEntry *all;

static void
relation_changed(Datum arg pg_attribute_unused(), Oid relation)
{
	for (SessionEntry *entry = all; entry != NULL; entry = entry->next)
		entry->stale |= !OidIsValid(relation) || list_member_oid(entry->made_of, relation);
}

void
session_cache_init(void)
{
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
}

/* Call the function just before the entry's memory is freed. */
static void
call_at_end(SessionEntry *entry, void (*function)(void *arg), void *arg)
{
	MemoryContextCallback *callback =
		MemoryContextAlloc(entry->memory, sizeof(MemoryContextCallback));

	*callback = (MemoryContextCallback){.func = function, .arg = arg};
	MemoryContextRegisterResetCallback(entry->memory, callback);
}

void
session_cache_made_of(SessionEntry *entry, unsigned int relation)
{
	MemoryContext before = MemoryContextSwitchTo(entry->memory);

	entry->made_of = lappend_oid(entry->made_of, relation);
	MemoryContextSwitchTo(before);
}

static void
free_plan(void *plan)
{
	SPI_freeplan(plan);
}

void
session_cache_own_plan(SessionEntry *entry, struct _SPI_plan *plan)
{
	if (plan != NULL)
		call_at_end(entry, free_plan, plan);
}

/*
 * Entries
 */

static void
leave_all(void *arg)
{
	SessionEntry *entry = arg;

	if (entry->previous != NULL)
		entry->previous->next = entry->next;
	else
		all = entry->next;
	if (entry->next != NULL)
		entry->next->previous = entry->previous;
}

static SessionEntry *
begin_entry(const SessionCache *cache)
{
	MemoryContext memory =
		AllocSetContextCreate(CurTransactionContext, "pg_gray cached", ALLOCSET_SMALL_SIZES);
	SessionEntry *entry = MemoryContextAllocZero(memory, cache->entry_size);

	MemoryContextSetIdentifier(memory, cache->name);
	entry->memory = memory;
	call_at_end(entry, leave_all, entry);
	entry->next = all;
	if (all != NULL)
		all->previous = entry;
	all = entry;
	session_cache_made_of(entry, catalog_relation("release"));
	return entry;
}

static void
put_entry(SessionCache *cache, unsigned int key, SessionEntry *entry)
{
	HASHCTL control = {.keysize = sizeof(key), .entrysize = sizeof(Slot), .hcxt = TopMemoryContext};
	Slot   *slot;
	bool	found;

	if (cache->slots == NULL)
		cache->slots =
			hash_create(cache->name, 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	slot = hash_search(cache->slots, &key, HASH_ENTER, &found);
	if (found)
		MemoryContextSetParent(slot->entry->memory, TopTransactionContext);
	slot->entry = entry;
	MemoryContextSetParent(entry->memory, TopMemoryContext);
}

void *
session_cache_find(const SessionCache *cache, unsigned int key)
{
	const Slot *slot =
		cache->slots == NULL ? NULL : hash_search(cache->slots, &key, HASH_FIND, NULL);

	return slot == NULL || slot->entry->stale ? NULL : slot->entry;
}

static void
load_entry(const SessionCache *cache, SessionEntry *entry, const void *source)
{
	RoleSwitch before;

	SPI_connect();
	role_become_catalog_owner(&before);
	cache->load(entry, source);
	role_return(&before);
	SPI_finish();
}

void *
session_cache_load(SessionCache *cache, unsigned int key, const void *source)
{
	SessionEntry *entry = begin_entry(cache);

	if (cache->load != NULL)
		load_entry(cache, entry, source);
	put_entry(cache, key, entry);
	return entry;
}

void *
session_cache_get(SessionCache *cache, unsigned int key, const void *source)
{
	void *entry = session_cache_find(cache, key);

	return entry != NULL ? entry : session_cache_load(cache, key, source);
}
