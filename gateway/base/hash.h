/*
 * hash.h: hashes bytes under a key, so that nobody without the key can choose colliding bytes
 */
#ifndef GATEWAY_BASE_HASH_H
#define GATEWAY_BASE_HASH_H

#include "routing/siphash.h"

typedef SipHashKey HashKey;

/* Return a random key. Abort if the kernel has no random bytes. */
extern HashKey hash_key_random(void);

static inline uint64_t
hash_bytes(HashKey key, const char *bytes, size_t length)
{
	return siphash(key, bytes, length);
}

#endif /* GATEWAY_BASE_HASH_H */
