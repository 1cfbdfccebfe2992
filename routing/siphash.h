/*
 * siphash.h: a hash of bytes that nobody can aim at without its key
 *
 * Pure: SipHash-2-4, as in "SipHash: a fast short-input PRF", Aumasson and Bernstein, 2012.
 */
#ifndef ROUTING_SIPHASH_H
#define ROUTING_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define SIPHASH_KEY_BYTES 16

typedef struct SipHashKey
{
	uint64_t halves[2];
} SipHashKey;

extern SipHashKey siphash_key(const unsigned char bytes[SIPHASH_KEY_BYTES]);

/* The same on every machine, whatever its order of bytes. */
extern uint64_t siphash(SipHashKey key, const void *bytes, size_t length);

#endif /* ROUTING_SIPHASH_H */
