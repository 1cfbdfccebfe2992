/*
 * keyed_hash.h: hashes that only the server can tell the origin of
 */
#ifndef PG_GRAY_POSTGRES_KEYED_HASH_H
#define PG_GRAY_POSTGRES_KEYED_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * A hash of some bytes, the same in all sessions of the cluster.  It is SipHash-2-4 with a key that no
 * role can read by SQL: who sees the hash can't find out by trying which bytes it is of, nor can
 * a client choose bytes that share one.  Another number gives other hashes.
 */
extern uint64_t keyed_hash(const void *bytes, size_t length, int number);

#endif /* PG_GRAY_POSTGRES_KEYED_HASH_H */
