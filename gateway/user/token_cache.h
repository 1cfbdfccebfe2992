/*
 * token_cache.h: remembers tokens whose signature was verified, with their claims
 *
 * libjwt takes as much time to read the key and verify a token as twenty requests without a token
 * take. The cache remembers only that the signature is good: the caller checks each time whether
 * the token has expired. Only verified tokens get into the cache.
 */
#ifndef GATEWAY_USER_TOKEN_CACHE_H
#define GATEWAY_USER_TOKEN_CACHE_H

#include <jansson.h>

#include "base/span.h"

typedef struct TokenCache TokenCache;

/*
 * Make a cache with room for about that many tokens. For 0, return NULL, which is a cache that
 * keeps nothing.
 */
extern TokenCache *token_cache_new(size_t entries);
extern void		   token_cache_free(TokenCache *cache);

/* Return the claims with a reference for the caller. NULL if the cache does not have the token. */
extern json_t *token_cache_find(TokenCache *cache, Span token);

/* Remember claims (borrowed) in place of the least recently used token of the set. */
extern void token_cache_keep(TokenCache *cache, Span token, json_t *claims);

#endif /* GATEWAY_USER_TOKEN_CACHE_H */
