/*
 * hash.h: a hash of bytes that nobody can aim at without its key
 */
#ifndef GATEWAY_BASE_HASH_H
#define GATEWAY_BASE_HASH_H

#include "routing/siphash.h"

typedef SipHashKey HashKey;

/* One at random; aborts where the kernel has none to give. */
extern HashKey hash_key_random(void);

static inline uint64_t
hash_bytes(HashKey key, const char *bytes, size_t length)
{
	return siphash(key, bytes, length);
}

#endif /* GATEWAY_BASE_HASH_H */
