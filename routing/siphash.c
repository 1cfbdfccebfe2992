/*
 * siphash.c: SipHash-2-4, a hash whose values nobody can predict or aim at without its key
 */
#include "routing/siphash.h"

typedef struct SipState
{
	uint64_t v0;
	uint64_t v1;
	uint64_t v2;
	uint64_t v3;
} SipState;

static inline uint64_t
rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static inline void
sip_round(SipState *state)
{
	state->v0 += state->v1;
	state->v2 += state->v3;
	state->v1 = rotate(state->v1, 13) ^ state->v0;
	state->v3 = rotate(state->v3, 16) ^ state->v2;
	state->v0 = rotate(state->v0, 32) + state->v3;
	state->v2 += state->v1;
	state->v1 = rotate(state->v1, 17) ^ state->v2;
	state->v3 = rotate(state->v3, 21) ^ state->v0;
	state->v2 = rotate(state->v2, 32);
}

static inline void
compress(SipState *state, uint64_t word)
{
	state->v3 ^= word;
	sip_round(state);
	sip_round(state);
	state->v0 ^= word;
}

/* Compilers turn this into one load. */
static inline uint64_t
word_at(const unsigned char *bytes)
{
	return (uint64_t) bytes[0] | (uint64_t) bytes[1] << 8 | (uint64_t) bytes[2] << 16 |
		   (uint64_t) bytes[3] << 24 | (uint64_t) bytes[4] << 32 | (uint64_t) bytes[5] << 40 |
		   (uint64_t) bytes[6] << 48 | (uint64_t) bytes[7] << 56;
}

/* The last bytes, fewer than eight, with the whole length in the highest byte. */
static inline uint64_t
last_word(const unsigned char *bytes, size_t left, size_t length)
{
	uint64_t word = (uint64_t) length << 56;

	for (size_t i = 0; i < left; i++)
		word |= (uint64_t) bytes[i] << (8 * i);
	return word;
}

SipHashKey
siphash_key(const unsigned char bytes[SIPHASH_KEY_BYTES])
{
	return (SipHashKey){{word_at(bytes), word_at(bytes + sizeof(uint64_t))}};
}

uint64_t
siphash(SipHashKey key, const void *bytes, size_t length)
{
	SipState			 state = {key.halves[0] ^ UINT64_C(0x736f6d6570736575),
								  key.halves[1] ^ UINT64_C(0x646f72616e646f6d),
								  key.halves[0] ^ UINT64_C(0x6c7967656e657261),
								  key.halves[1] ^ UINT64_C(0x7465646279746573)};
	const unsigned char *next = bytes;
	size_t				 left = length;

	for (; left >= sizeof(uint64_t); left -= sizeof(uint64_t), next += sizeof(uint64_t))
		compress(&state, word_at(next));
	compress(&state, last_word(next, left, length));
	state.v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(&state);
	return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}
