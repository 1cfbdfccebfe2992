/*
 * keyed_hash.c: hashes bytes so that only the server can tell the origin of a hash
 *
 * SipHash: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_control.h"

#include "postgres/keyed_hash.h"

typedef struct Sip
{
	uint64 a;
	uint64 b;
	uint64 c;
	uint64 d;
} Sip;

StaticAssertDecl(MOCK_AUTH_NONCE_LEN >= 2 * sizeof(uint64), "the key is taken from the nonce");

static uint64
rotated(uint64 word, int bits)
{
	return (word << bits) | (word >> (64 - bits));
}

static void
turn(Sip *sip, int rounds)
{
	while (rounds-- > 0)
	{
		sip->a += sip->b;
		sip->b = rotated(sip->b, 13) ^ sip->a;
		sip->a = rotated(sip->a, 32);
		sip->c += sip->d;
		sip->d = rotated(sip->d, 16) ^ sip->c;
		sip->a += sip->d;
		sip->d = rotated(sip->d, 21) ^ sip->a;
		sip->c += sip->b;
		sip->b = rotated(sip->b, 17) ^ sip->c;
		sip->c = rotated(sip->c, 32);
	}
}

static void
take(Sip *sip, uint64 word)
{
	sip->d ^= word;
	turn(sip, 2);
	sip->a ^= word;
}

/*
 * The key is made from the cluster's secret for SCRAM: initdb makes the secret, and only a role
 * with access to the cluster's files can see it.
 */
static Sip
begin(int number)
{
	uint64 key[2];

	memcpy(key, GetMockAuthenticationNonce(), sizeof(key));
	key[1] ^= (uint64) number;
	return (Sip){key[0] ^ UINT64CONST(0x736f6d6570736575), key[1] ^ UINT64CONST(0x646f72616e646f6d),
				 key[0] ^ UINT64CONST(0x6c7967656e657261),
				 key[1] ^ UINT64CONST(0x7465646279746573)};
}

uint64_t
keyed_hash(const void *bytes, size_t length, int number)
{
	Sip			sip = begin(number);
	const char *next = bytes;
	size_t		left = length;
	uint64		last = (uint64) length << 56;
	uint64		word;

	for (; left >= sizeof(word); left -= sizeof(word), next += sizeof(word))
	{
		memcpy(&word, next, sizeof(word));
		take(&sip, word);
	}
	for (size_t i = 0; i < left; i++)
		last |= (uint64) (unsigned char) next[i] << (8 * i);
	take(&sip, last);
	sip.c ^= 0xff;
	turn(&sip, 4);
	return sip.a ^ sip.b ^ sip.c ^ sip.d;
}
