/*
 * keyed_hash.c: hashes bytes so that only the server can tell the origin of a hash
 *
 * SipHash: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_control.h"

#include "postgres/keyed_hash.h"
#include "routing/siphash.h"

StaticAssertDecl(MOCK_AUTH_NONCE_LEN >= SIPHASH_KEY_BYTES, "the key is taken from the nonce");

/*
 * The key is made from the cluster's secret for SCRAM: initdb makes the secret, and only a role
 * with access to the cluster's files can see it.
 */
static SipHashKey
key_of(int number)
{
	SipHashKey key = siphash_key((const unsigned char *) GetMockAuthenticationNonce());

	key.halves[1] ^= (uint64) number;
	return key;
}

uint64_t
keyed_hash(const void *bytes, size_t length, int number)
{
	return siphash(key_of(number), bytes, length);
}
