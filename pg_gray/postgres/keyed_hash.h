/*
 * keyed_hash.h: hashes bytes so that only the server can tell the origin of a hash
 */
#ifndef PG_GRAY_POSTGRES_KEYED_HASH_H
#define PG_GRAY_POSTGRES_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * Return a hash of some bytes, the same in all sessions of the cluster.  The hash is SipHash-2-4
 * with a key that no role can read by SQL: a role that sees a hash can't find the bytes by trying,
 * nor can a client choose bytes that share a hash.  Another number gives other hashes.
 */
extern uint64_t keyed_hash(const void *bytes, size_t length, int number);

#endif /* PG_GRAY_POSTGRES_KEYED_HASH_H */
