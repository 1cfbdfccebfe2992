/*
 * keyed_hash.c: hashes that only the server can tell the origin of
 */
#include "postgres.h"

#include "access/xlog.h"
#include "catalog/pg_control.h"

#include "postgres/keyed_hash.h"
#include "routing/siphash.h"

StaticAssertDecl(MOCK_AUTH_NONCE_LEN >= SIPHASH_KEY_BYTES, "the key is taken from the nonce");

/* The cluster's secret for SCRAM: made by initdb, and shown to nobody who has no access to its files. */
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
