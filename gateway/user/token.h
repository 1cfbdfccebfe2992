/*
 * token.h: a claim of a JSON Web Token, once its signature is verified
 *
 * Pure, on libjwt, which takes the algorithm from the token: here it is
 * fixed by configuration, and any other one is refused.
 */
#ifndef GATEWAY_USER_TOKEN_H
#define GATEWAY_USER_TOKEN_H

#include <time.h>

#include "base/span.h"

#define TOKEN_BYTES_MAX 8192
#define TOKEN_SECRET_BYTES_MIN 32 /* of HS256 (RFC 7518, 3.2) */
#define TOKEN_RSA_BITS_MIN 2048	  /* of RS256 (RFC 7518, 3.3) */

typedef enum TokenAlgorithm
{
	TOKEN_HS256,
	TOKEN_RS256,
	TOKEN_ES256
} TokenAlgorithm;

/* What makes a token good.  All zeros: no token is. */
typedef struct TokenRules
{
	TokenAlgorithm	   algorithm;
	char			  *key; /* owned; the secret, or a public key as PEM */
	size_t			   key_length;
	const char		  *audience; /* borrowed; NULL or "": any */
	unsigned		   leeway_s; /* by how much clocks may differ */
	struct TokenCache *cache;	 /* owned; of tokens verified under key; NULL: none */
} TokenRules;

typedef enum TokenResult
{
	TOKEN_GOOD,	  /* and value is what the claim says */
	TOKEN_SILENT, /* the token is good and does not have the claim */
	TOKEN_BAD	  /* problem says why */
} TokenResult;

extern bool token_algorithm_parse(const char *text, TokenAlgorithm *algorithm);

/*
 * Reads the key of the algorithm from a file into the rules.  On false, problem
 * (static) says why: it can't be read, is of another kind, or is too weak.
 */
extern bool token_key_read(TokenRules *rules, const char *path, const char **problem);

/* Forgets the key, and all that was verified under it. */
extern void token_key_free(TokenRules *rules);

/*
 * Verifies a token and writes its claim, a string or an integer, to value,
 * zero-terminated.  The claim "user.id" is the one of that name or, if there is none, what the
 * object in claim "user" has as "id".  A claim that does not fit into size, or is of another type,
 * makes the token bad.
 */
extern TokenResult token_claim(const TokenRules *rules, Span token, const char *claim, time_t now,
							   char *value, size_t size, const char **problem);

#endif /* GATEWAY_USER_TOKEN_H */
