/*
 * token.h: verifies the signature of a JSON Web Token and reads a claim
 *
 * Pure, on libjwt. libjwt takes the algorithm from the token. Here the configuration fixes the
 * algorithm, and a token of any other algorithm is refused.
 */
#ifndef GATEWAY_USER_TOKEN_H
#define GATEWAY_USER_TOKEN_H

#include <time.h>

#include "base/span.h"

#define TOKEN_BYTES_MAX 8192
#define TOKEN_SECRET_BYTES_MIN 32 /* least secret for HS256 (RFC 7518, 3.2) */
#define TOKEN_RSA_BITS_MIN 2048	  /* least key for RS256 (RFC 7518, 3.3) */

typedef enum TokenAlgorithm
{
	TOKEN_HS256,
	TOKEN_RS256,
	TOKEN_ES256
} TokenAlgorithm;

/* The conditions for a good token. With all zeros, no token is good. */
typedef struct TokenRules
{
	TokenAlgorithm	   algorithm;
	char			  *key; /* owned; a secret, or a public key as PEM */
	size_t			   key_length;
	const char		  *audience; /* borrowed; NULL or "": any audience is good */
	unsigned		   leeway_s; /* how far the clocks may differ */
	struct TokenCache *cache;	 /* owned; has the tokens that key verified; NULL: no cache */
} TokenRules;

typedef enum TokenResult
{
	TOKEN_GOOD,	  /* value has the claim */
	TOKEN_SILENT, /* the token is good, but does not have the claim */
	TOKEN_BAD	  /* problem says why */
} TokenResult;

extern bool token_algorithm_parse(const char *text, TokenAlgorithm *algorithm);

/*
 * Read the key of the algorithm from a file into the rules. On false, problem (static) says why:
 * the file can't be read, or the key is of another kind or too weak.
 */
extern bool token_key_read(TokenRules *rules, const char *path, const char **problem);

/* Free the key, and forget all tokens that it verified. */
extern void token_key_free(TokenRules *rules);

/*
 * Verify a token and write its claim, a string or an integer, to value, zero-terminated. The claim
 * "user.id" is the claim of that name. If there is none, it is the member "id" of the object in
 * the claim "user". A claim that does not fit into size, or is of another type, makes the token
 * bad.
 */
extern TokenResult token_claim(const TokenRules *rules, Span token, const char *claim, time_t now,
							   char *value, size_t size, const char **problem);

#endif /* GATEWAY_USER_TOKEN_H */
