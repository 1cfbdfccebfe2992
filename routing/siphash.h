/*
 * siphash.h: SipHash-2-4, a hash whose values nobody can predict or aim at without its key
 *
 * Pure code, after "SipHash: a fast short-input PRF", Aumasson and Bernstein, 2012.
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

/* The result is the same on every machine, whatever its byte order. */
extern uint64_t siphash(SipHashKey key, const void *bytes, size_t length);

#endif /* ROUTING_SIPHASH_H */
