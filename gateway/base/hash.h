/*
 * hash.h: a hash of bytes that nobody can aim at without its key
 *
 * Pure: SipHash-2-4, as in "SipHash: a fast short-input PRF", Aumasson and Bernstein, 2012.
 */
#ifndef GATEWAY_BASE_HASH_H
#define GATEWAY_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_KEY_BYTES 16

typedef struct HashKey
{
	uint64_t halves[2];
} HashKey;

/* One at random; aborts where the kernel has none to give. */
extern HashKey hash_key_random(void);

extern HashKey hash_key_of(const unsigned char bytes[HASH_KEY_BYTES]);

extern uint64_t hash_bytes(HashKey key, const char *bytes, size_t length);

#endif /* GATEWAY_BASE_HASH_H */
