/*
 * lookup_cache.c: remembers for a while which user a query has found by a value
 *
 * It is a hash table with chains, and two lists in the order of use. Forgetting is a number.
 * Each group, and the whole cache, has the turn in which it was forgotten last. An answer has
 * the turn in which it was asked for. So forgetting costs the same however many answers there
 * are, and anybody may ask for it.
 */
#include "lookup/lookup_cache.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/hash.h"
#include "base/memory.h"

typedef struct Entry
{
	TAILQ_ENTRY(Entry) use;
	struct Entry *next; /* in its bucket */
	LookupKey	  key;
	uint64_t	  mark;
	uint64_t	  until_ms;
	uint8_t		  length; /* 0: nobody */
	char		  uid[];
} Entry;

TAILQ_HEAD(Entries, Entry);

/* The answers of one kind; the answer used last is in front. */
typedef struct Shelf
{
	struct Entries entries;
	size_t		   count;
	size_t		   most;
} Shelf;

struct LookupCache
{
	HashKey	 key;
	size_t	 bucket_count; /* a power of two */
	Entry  **buckets;
	Shelf	 users;
	Shelf	 nobodies;
	uint64_t turn;
	uint64_t forgotten;
	uint64_t groups_forgotten[LOOKUP_GROUPS];
};

LookupKey
lookup_key(Span value)
{
	LookupKey key;

	if (EVP_Digest(value.bytes, value.length, key.bytes, NULL, EVP_sha256(), NULL) != 1)
		abort();
	return key;
}

static unsigned
group_of(const LookupKey *key)
{
	return (unsigned) key->bytes[0] << 4 | key->bytes[1] >> 4;
}

LookupCache *
lookup_cache_new(size_t users, size_t nobodies, uint64_t mark)
{
	LookupCache *cache = memory_zeroed(sizeof(*cache));

	cache->key = hash_key_random();
	cache->bucket_count = 1;
	while (cache->bucket_count < users + nobodies)
		cache->bucket_count *= 2;
	cache->buckets = memory_zeroed(cache->bucket_count * sizeof(Entry *));
	TAILQ_INIT(&cache->users.entries);
	TAILQ_INIT(&cache->nobodies.entries);
	cache->users.most = users;
	cache->nobodies.most = nobodies;
	cache->turn = mark + 1;
	cache->forgotten = cache->turn;
	return cache;
}

static Entry **
bucket_of(const LookupCache *cache, const LookupKey *key)
{
	uint64_t hash = hash_bytes(cache->key, (const char *) key->bytes, sizeof(key->bytes));

	return &cache->buckets[hash & (cache->bucket_count - 1)];
}

static Shelf *
shelf_of(LookupCache *cache, const Entry *entry)
{
	return entry->length > 0 ? &cache->users : &cache->nobodies;
}

static Entry *
find(const LookupCache *cache, const LookupKey *key)
{
	Entry *entry = *bucket_of(cache, key);

	while (entry != NULL && memcmp(&entry->key, key, sizeof(*key)) != 0)
		entry = entry->next;
	return entry;
}

static void
drop(LookupCache *cache, Entry *entry)
{
	Entry **link = bucket_of(cache, &entry->key);
	Shelf  *shelf = shelf_of(cache, entry);

	while (*link != entry)
		link = &(*link)->next;
	*link = entry->next;
	TAILQ_REMOVE(&shelf->entries, entry, use);
	shelf->count--;
	free(entry);
}

static void
clear(LookupCache *cache, Shelf *shelf)
{
	while (!TAILQ_EMPTY(&shelf->entries))
		drop(cache, TAILQ_FIRST(&shelf->entries));
}

void
lookup_cache_free(LookupCache *cache)
{
	if (cache == NULL)
		return;
	clear(cache, &cache->users);
	clear(cache, &cache->nobodies);
	free(cache->buckets);
	free(cache);
}

static bool
good(const LookupCache *cache, const Entry *entry, uint64_t now_ms)
{
	return now_ms < entry->until_ms && entry->mark >= cache->forgotten &&
		   entry->mark >= cache->groups_forgotten[group_of(&entry->key)];
}

LookupAnswer
lookup_cache_find(LookupCache *cache, const LookupKey *key, uint64_t now_ms, Uid *uid)
{
	Entry *entry = find(cache, key);
	Shelf *shelf;

	if (entry == NULL)
		return LOOKUP_UNKNOWN;
	if (!good(cache, entry, now_ms))
	{
		drop(cache, entry);
		return LOOKUP_UNKNOWN;
	}
	shelf = shelf_of(cache, entry);
	TAILQ_REMOVE(&shelf->entries, entry, use);
	TAILQ_INSERT_HEAD(&shelf->entries, entry, use);
	if (entry->length == 0)
		return LOOKUP_NOBODY;
	uid->length = entry->length;
	memcpy(uid->bytes, entry->uid, entry->length);
	uid->bytes[uid->length] = '\0';
	return LOOKUP_USER;
}

uint64_t
lookup_cache_mark(const LookupCache *cache)
{
	return cache->turn;
}

void
lookup_cache_keep(LookupCache *cache, const LookupKey *key, Span uid, uint64_t mark,
				  uint64_t until_ms)
{
	Entry  *entry = find(cache, key);
	Entry **bucket;
	Shelf  *shelf;

	if (entry != NULL)
		drop(cache, entry);
	entry = memory_zeroed(sizeof(*entry) + uid.length);
	entry->key = *key;
	entry->mark = mark;
	entry->until_ms = until_ms;
	entry->length = (uint8_t) uid.length;
	memcpy(entry->uid, uid.bytes, uid.length);
	bucket = bucket_of(cache, key);
	entry->next = *bucket;
	*bucket = entry;
	shelf = shelf_of(cache, entry);
	TAILQ_INSERT_HEAD(&shelf->entries, entry, use);
	shelf->count++;
	if (shelf->count > shelf->most)
		drop(cache, TAILQ_LAST(&shelf->entries, Entries));
}

void
lookup_cache_forget(LookupCache *cache, unsigned group)
{
	cache->groups_forgotten[group % LOOKUP_GROUPS] = ++cache->turn;
}

void
lookup_cache_forget_all(LookupCache *cache)
{
	cache->forgotten = ++cache->turn;
}

size_t
lookup_cache_count(const LookupCache *cache)
{
	return cache->users.count + cache->nobodies.count;
}
