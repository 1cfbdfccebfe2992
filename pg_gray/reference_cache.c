/*
 * reference_cache.c: what the session remembers of foreign keys with actions
 *
 * Dropped whole, never patched, at the next use: relcache invalidation only sets a
 * flag, since it may come while an entry is in use.
 */
#include "postgres.h"

#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "reference_cache.h"

typedef struct EntryKey
{
	ReferenceCacheKind kind;
	Oid				   key;
} EntryKey;

typedef struct Entry
{
	EntryKey key; /* must be first */
	void	*entry;
} Entry;

static MemoryContext memory;
static HTAB			*entries;
static HTAB			*watched; /* Oids of relations */
static bool			 stale;
static bool			 registered;

static void
relation_changed(Datum arg pg_attribute_unused(), Oid relation)
{
	if (memory == NULL || stale)
		return;
	if (!OidIsValid(relation) || hash_search(watched, &relation, HASH_FIND, NULL) != NULL)
		stale = true;
}

static void
forget_all(void)
{
	MemoryContextDelete(memory);
	memory = NULL;
	entries = NULL;
	watched = NULL;
	stale = false;
}

static void
make_empty(void)
{
	HASHCTL		  control = {.keysize = sizeof(EntryKey), .entrysize = sizeof(Entry)};
	Oid			  registry = catalog_relation("release");
	MemoryContext context =
		AllocSetContextCreate(TopMemoryContext, "pg_gray references", ALLOCSET_SMALL_SIZES);

	/* PostgreSQL has few places for callbacks: sessions that never come here take none. */
	if (!registered)
		CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	registered = true;
	control.hcxt = context;
	entries =
		hash_create("pg_gray references", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	control.keysize = sizeof(Oid);
	control.entrysize = sizeof(Oid);
	watched = hash_create("pg_gray references watched", 64, &control,
						  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	memory = context;
	reference_cache_watch(registry);
}

void *
reference_cache_find(ReferenceCacheKind kind, unsigned int key)
{
	EntryKey wanted = {.kind = kind, .key = key};
	Entry	*entry;

	if (memory != NULL && stale)
		forget_all();
	if (memory == NULL)
		make_empty();
	entry = hash_search(entries, &wanted, HASH_FIND, NULL);
	return entry == NULL ? NULL : entry->entry;
}

void
reference_cache_put(ReferenceCacheKind kind, unsigned int key, void *entry)
{
	EntryKey new = {.kind = kind, .key = key};

	((Entry *) hash_search(entries, &new, HASH_ENTER, NULL))->entry = entry;
}

MemoryContext
reference_cache_memory(void)
{
	return memory;
}

void
reference_cache_watch(unsigned int relation)
{
	(void) hash_search(watched, &relation, HASH_ENTER, NULL);
}

void
reference_cache_on_forget(void (*release)(void *arg), void *arg)
{
	MemoryContextCallback *callback = MemoryContextAlloc(memory, sizeof(MemoryContextCallback));

	*callback = (MemoryContextCallback){.func = release, .arg = arg};
	MemoryContextRegisterResetCallback(memory, callback);
}

bool
reference_cache_is_stale(void)
{
	return stale;
}
