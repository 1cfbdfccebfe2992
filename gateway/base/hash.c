/*
 * hash.c: hashes bytes under a key, so that nobody without the key can choose colliding bytes
 */
#include "base/hash.h"

#include <stdlib.h>
#include <sys/random.h>

HashKey
hash_key_random(void)
{
	HashKey key;

	if (getrandom(&key, sizeof(key), 0) != (ssize_t) sizeof(key))
		abort();
	return key;
}
