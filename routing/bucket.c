/*
 * bucket.c: maps a uid to its bucket, the slice of the users that it falls into
 */
#include "routing/bucket.h"

#include <stdint.h>
#include <string.h>

static uint64_t
fnv1a(uint64_t hash, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
	{
		hash ^= (unsigned char) bytes[i];
		hash *= UINT64_C(0x100000001b3);
	}
	return hash;
}

static uint64_t
murmur_finalizer(uint64_t hash)
{
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	hash *= UINT64_C(0xc4ceb9fe1a85ec53);
	hash ^= hash >> 33;
	return hash;
}

unsigned
bucket_of(const char *release, const char *uid, size_t uid_length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	/* The terminating zero keeps ("ab", "c") and ("a", "bc") apart. */
	hash = fnv1a(hash, release, strlen(release) + 1);
	hash = fnv1a(hash, uid, uid_length);
	return (unsigned) (murmur_finalizer(hash) % BUCKET_COUNT);
}
