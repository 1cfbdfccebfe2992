/*
 * uid_hash.c: a number that stands for a user where the uid must not be seen
 */
#include "uid_hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>

static unsigned char key[UID_HASH_KEY_BYTES];
static EVP_MAC_CTX	*siphash; /* NULL: no key was set */

void
uid_hash_set_key_bytes(const unsigned char *bytes)
{
	size_t	   size = sizeof(uint64_t);
	OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
							   OSSL_PARAM_construct_end()};
	EVP_MAC	  *mac;

	memcpy(key, bytes, sizeof(key));
	if (siphash != NULL)
		return;
	mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_SIPHASH, NULL);
	siphash = EVP_MAC_CTX_new(mac);
	EVP_MAC_free(mac);
	if (siphash != NULL)
		EVP_MAC_CTX_set_params(siphash, parameters);
}

void
uid_hash_set_key(const char *text)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];

	if (*text != '\0')
		EVP_Digest(text, strlen(text), bytes, NULL, EVP_sha256(), NULL);
	else
		RAND_bytes(bytes, UID_HASH_KEY_BYTES);
	uid_hash_set_key_bytes(bytes);
}

/* The number is written in hexadecimal as the bytes of the MAC come. */
uint64_t
uid_hash(Span uid)
{
	unsigned char bytes[sizeof(uint64_t)];
	uint64_t	  number = 0;
	size_t		  length;

	if (siphash == NULL || EVP_MAC_init(siphash, key, sizeof(key), NULL) != 1 ||
		EVP_MAC_update(siphash, (const unsigned char *) uid.bytes, uid.length) != 1 ||
		EVP_MAC_final(siphash, bytes, &length, sizeof(bytes)) != 1)
		return 0;
	for (size_t i = 0; i < sizeof(bytes); i++)
		number = number << 8 | bytes[i];
	return number;
}

void
uid_hash_close(void)
{
	EVP_MAC_CTX_free(siphash);
	siphash = NULL;
}
