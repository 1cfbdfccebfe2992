/*
 * uid_hash.c: computes a number that stands for a user where the uid must not be seen
 */
#include "user/uid_hash.h"

#include <byteswap.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/hash.h"

static HashKey key;
static bool	   key_set;

void
uid_hash_set_key_bytes(const unsigned char *bytes)
{
	key = siphash_key(bytes);
	key_set = true;
}

void
uid_hash_set_key(const char *text)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];

	if (*text == '\0')
	{
		key = hash_key_random();
		key_set = true;
		return;
	}
	EVP_Digest(text, strlen(text), bytes, NULL, EVP_sha256(), NULL);
	uid_hash_set_key_bytes(bytes);
}

/*
 * The hexadecimal form of the number has the bytes of the hash in order, from the lowest byte on.
 */
uint64_t
uid_hash(Span uid)
{
	return key_set ? bswap_64(hash_bytes(key, uid.bytes, uid.length)) : 0;
}
