/*
 * lookup_cache.h: remembers for a while which user a query has found by a value
 *
 * The functions are pure. Of a value only its SHA-256 is kept, since a session's id is as good
 * as a password. There are two bounds, one for values of a user and one for values of nobody,
 * so that made-up values push no user out.
 *
 * Answers are forgotten by the group, which is the first three hexadecimal digits of the
 * SHA-256. An answer that was asked for before the group was forgotten, and comes after that,
 * is not kept either.
 */
#ifndef GATEWAY_LOOKUP_LOOKUP_CACHE_H
#define GATEWAY_LOOKUP_LOOKUP_CACHE_H

#include <stdint.h>

#include "user/uid.h"

#define LOOKUP_KEY_BYTES 32
#define LOOKUP_GROUP_DIGITS 3
#define LOOKUP_GROUPS 4096

typedef struct LookupKey
{
	unsigned char bytes[LOOKUP_KEY_BYTES];
} LookupKey;

typedef enum LookupAnswer
{
	LOOKUP_UNKNOWN, /* to be asked */
	LOOKUP_NOBODY,
	LOOKUP_USER
} LookupAnswer;

typedef struct LookupCache LookupCache;

extern LookupKey lookup_key(Span value);

/*
 * Return a cache for so many users, and so many values of nobody; owned by the caller. mark: of
 * the cache that the new cache replaces, or 0; answers that were asked for up to then are not
 * kept.
 */
extern LookupCache *lookup_cache_new(size_t users, size_t nobodies, uint64_t mark);
extern void			lookup_cache_free(LookupCache *cache);

/* Find a remembered answer. uid is written for LOOKUP_USER. */
extern LookupAnswer lookup_cache_find(LookupCache *cache, const LookupKey *key, uint64_t now_ms,
									  Uid *uid);

/* Return the present moment, for lookup_cache_keep; to be taken before the query is asked. */
extern uint64_t lookup_cache_mark(const LookupCache *cache);

/*
 * Keep an answer (an empty uid: nobody) until then, in place of the answer that was not used
 * for longest.
 */
extern void lookup_cache_keep(LookupCache *cache, const LookupKey *key, Span uid, uint64_t mark,
							  uint64_t until_ms);

extern void lookup_cache_forget(LookupCache *cache, unsigned group);
extern void lookup_cache_forget_all(LookupCache *cache);

/* Return how many answers there are, good or outdated. */
extern size_t lookup_cache_count(const LookupCache *cache);

#endif /* GATEWAY_LOOKUP_LOOKUP_CACHE_H */
