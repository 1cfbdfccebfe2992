/*
 * lookup_cache.h: whom a query has found by a value, for a while
 *
 * Pure.  Values are kept as their SHA-256 alone: a session's id is as good as a password.  Two
 * bounds, one for values by which somebody was found and one for those of nobody, so that
 * made-up values push nobody out.
 *
 * What is forgotten is forgotten by the group, which is the first three hexadecimal digits of the
 * SHA-256; also what was asked before and is answered after that.
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
 * A cache of so many users, and so many values of nobody; owned by the caller.  mark: of the one
 * in whose place it comes, or 0; what was asked up to then is not kept.
 */
extern LookupCache *lookup_cache_new(size_t users, size_t nobodies, uint64_t mark);
extern void			lookup_cache_free(LookupCache *cache);

/* What is known; uid is written for LOOKUP_USER. */
extern LookupAnswer lookup_cache_find(LookupCache *cache, const LookupKey *key, uint64_t now_ms,
									  Uid *uid);

/* The moment, for lookup_cache_keep; to be taken before it is asked. */
extern uint64_t lookup_cache_mark(const LookupCache *cache);

/* Keeps an answer (an empty uid: nobody) until then, in place of the one not used longest. */
extern void lookup_cache_keep(LookupCache *cache, const LookupKey *key, Span uid, uint64_t mark,
							  uint64_t until_ms);

extern void lookup_cache_forget(LookupCache *cache, unsigned group);
extern void lookup_cache_forget_all(LookupCache *cache);

/* How many answers there are, good or not any more. */
extern size_t lookup_cache_count(const LookupCache *cache);

#endif /* GATEWAY_LOOKUP_LOOKUP_CACHE_H */
