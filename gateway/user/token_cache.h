/*
 * token_cache.h: tokens whose signature was verified, with their claims
 *
 * Reading the key and verifying costs libjwt as much as twenty requests do
 * without.  Only the signature is remembered: whether a token has expired is
 * looked at each time.  What is not verified never gets in.
 */
#ifndef GATEWAY_USER_TOKEN_CACHE_H
#define GATEWAY_USER_TOKEN_CACHE_H

#include <jansson.h>

#include "base/span.h"

typedef struct TokenCache TokenCache;

/* Room for about so many tokens; NULL, a cache that keeps nothing, for 0. */
extern TokenCache *token_cache_new(size_t entries);
extern void		   token_cache_free(TokenCache *cache);

/* The claims, with a reference for the caller; NULL if the token is not there. */
extern json_t *token_cache_find(TokenCache *cache, Span token);

/* Remembers claims (borrowed) instead of the token of its set not used longest. */
extern void token_cache_keep(TokenCache *cache, Span token, json_t *claims);

#endif /* GATEWAY_USER_TOKEN_CACHE_H */
