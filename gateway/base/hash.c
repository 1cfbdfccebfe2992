/*
 * hash.c: a hash of bytes that nobody can aim at without its key
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
