/*
 * token_maker.h: tokens for tests, good ones and all kinds of bad ones
 *
 * Made by OpenSSL alone: what libjwt thinks of them is what is tested.
 */
#ifndef TOKEN_MAKER_H
#define TOKEN_MAKER_H

#include <openssl/evp.h>

#include "user/token.h"

#define TOKEN_SECRET "0123456789abcdef0123456789abcdef"

/* By TokenAlgorithm; that of HS256 is NULL.  Made once, never freed. */
extern EVP_PKEY *token_maker_key(TokenAlgorithm algorithm);

/* The public half as PEM; static, overwritten by the next call. */
extern const char *token_maker_pem(EVP_PKEY *key);

/*
 * A token with this head and these claims, both as JSON, signed as said with
 * the key; for HS256 with the secret.  Owned by the caller.
 */
extern char *token_make(TokenAlgorithm how, EVP_PKEY *key, const char *secret, const char *head,
						const char *claims);

#endif /* TOKEN_MAKER_H */
