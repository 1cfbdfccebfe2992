/*
 * token_key.c: reads the key that verifies tokens from a file
 *
 * A public key must never serve as an HMAC secret, because everyone knows it. So a secret that
 * looks like a key of another kind is refused.
 */
#include "user/token.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "user/token_cache.h"

#define KEY_FILE_BYTES_MAX 65536

/* Return the whole file. NULL if it can't be read, is empty or is far too large. */
static char *
read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "r");
	char *bytes;
	bool  good;

	if (file == NULL)
		return NULL;
	bytes = memory_zeroed(KEY_FILE_BYTES_MAX + 1);
	*length = fread(bytes, 1, KEY_FILE_BYTES_MAX + 1, file);
	good = !ferror(file) && *length > 0 && *length <= KEY_FILE_BYTES_MAX;
	fclose(file);
	if (good)
		return bytes;
	free(bytes);
	return NULL;
}

static EVP_PKEY *
public_key(const char *bytes, size_t length)
{
	BIO		 *bio = BIO_new_mem_buf(bytes, (int) length);
	EVP_PKEY *key = bio != NULL ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	return key;
}

static bool
looks_like_key(const char *bytes, size_t length)
{
	const unsigned char *der = (const unsigned char *) bytes;
	EVP_PKEY			*key;

	if (memmem(bytes, length, "-----BEGIN ", 11) != NULL)
		return true;
	key = d2i_PUBKEY(NULL, &der, (long) length);
	EVP_PKEY_free(key);
	return key != NULL;
}

static bool
check_secret(char *bytes, size_t *length, const char **problem)
{
	*problem = "holds a key pair, a public key or a certificate; HS256 needs a secret";
	if (looks_like_key(bytes, *length))
		return false;
	/* Editors and echo put a newline at the end of a file. */
	if (bytes[*length - 1] == '\n')
		(*length)--;
	*problem = "holds a secret of less than 32 bytes";
	return *length >= TOKEN_SECRET_BYTES_MIN;
}

static bool
on_p256(const EVP_PKEY *key)
{
	char   name[64];
	size_t length;

	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
		   EVP_PKEY_get_group_name(key, name, sizeof(name), &length) == 1 &&
		   strcmp(name, SN_X9_62_prime256v1) == 0;
}

static bool
check_public_key(TokenAlgorithm algorithm, const char *bytes, size_t length, const char **problem)
{
	EVP_PKEY *key = public_key(bytes, length);
	bool	  good;

	*problem = "does not hold a public key as PEM (-----BEGIN PUBLIC KEY-----)";
	if (key == NULL)
		return false;
	if (algorithm == TOKEN_RS256)
	{
		*problem = "does not hold an RSA key of at least 2048 bits, which RS256 needs";
		good = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
			   EVP_PKEY_get_bits(key) >= TOKEN_RSA_BITS_MIN;
	}
	else
	{
		*problem = "does not hold a key on the curve P-256, which ES256 needs";
		good = on_p256(key);
	}
	EVP_PKEY_free(key);
	return good;
}

bool
token_key_read(TokenRules *rules, const char *path, const char **problem)
{
	bool good;

	*problem = "can't be read, is empty, or is larger than 64 KiB";
	rules->key = read_file(path, &rules->key_length);
	if (rules->key == NULL)
		return false;
	if (rules->algorithm == TOKEN_HS256)
		good = check_secret(rules->key, &rules->key_length, problem);
	else
		good = check_public_key(rules->algorithm, rules->key, rules->key_length, problem);
	if (!good)
		token_key_free(rules);
	return good;
}

void
token_key_free(TokenRules *rules)
{
	if (rules->key != NULL)
		OPENSSL_cleanse(rules->key, rules->key_length);
	free(rules->key);
	rules->key = NULL;
	rules->key_length = 0;
	token_cache_free(rules->cache);
	rules->cache = NULL;
}
