/*
 * token_cache.c: remembers tokens whose signature was verified, with their claims
 *
 * Each set has four entries; the most recently used entry is first.
 */
#include "user/token_cache.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"

#define WAYS 4
#define TAIL_BYTES 32

typedef struct Entry
{
	char   *token; /* owned; NULL: the entry is empty */
	size_t	length;
	json_t *claims; /* owns a reference */
} Entry;

struct TokenCache
{
	HashKey key;
	size_t	sets;
	Entry	entries[]; /* WAYS entries of each set */
};

TokenCache *
token_cache_new(size_t entries)
{
	size_t		sets = (entries + WAYS - 1) / WAYS;
	TokenCache *cache;

	if (sets == 0)
		return NULL;
	cache = memory_zeroed(sizeof(*cache) + sets * WAYS * sizeof(Entry));
	cache->key = hash_key_random();
	cache->sets = sets;
	return cache;
}

static void
clear(Entry *entry)
{
	free(entry->token);
	json_decref(entry->claims);
	*entry = (Entry){0};
}

void
token_cache_free(TokenCache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < cache->sets * WAYS; i++)
		clear(&cache->entries[i]);
	free(cache);
}

/* Choose the set by the end of the signature, which is as good as random. */
static Entry *
set_of(TokenCache *cache, Span token)
{
	size_t	 tail = token.length < TAIL_BYTES ? token.length : TAIL_BYTES;
	uint64_t hash = hash_bytes(cache->key, token.bytes + token.length - tail, tail);

	return cache->entries + hash % cache->sets * WAYS;
}

static void
bring_forward(Entry *set, size_t way)
{
	Entry entry = set[way];

	memmove(set + 1, set, way * sizeof(Entry));
	set[0] = entry;
}

json_t *
token_cache_find(TokenCache *cache, Span token)
{
	Entry *set;

	if (cache == NULL)
		return NULL;
	set = set_of(cache, token);
	for (size_t way = 0; way < WAYS; way++)
	{
		/* Compare in constant time: a token is as good as a password. */
		if (set[way].token == NULL || set[way].length != token.length ||
			CRYPTO_memcmp(set[way].token, token.bytes, token.length) != 0)
			continue;
		bring_forward(set, way);
		return json_incref(set[0].claims);
	}
	return NULL;
}

void
token_cache_keep(TokenCache *cache, Span token, json_t *claims)
{
	Entry *set;

	if (cache == NULL)
		return;
	set = set_of(cache, token);
	clear(&set[WAYS - 1]);
	set[WAYS - 1] = (Entry){.token = memory_text(token.bytes, token.length),
							.length = token.length,
							.claims = json_incref(claims)};
	bring_forward(set, WAYS - 1);
}
