/*
 * uid_hash.h: a number that stands for a user where the uid must not be seen
 *
 * SipHash-2-4 under a key: without the key the uids cannot be found by
 * trying them all, as they could with a plain hash.
 */
#ifndef GATEWAY_USER_UID_HASH_H
#define GATEWAY_USER_UID_HASH_H

#include <stdint.h>

#include "base/span.h"

/*
 * Takes the key from any text: the first half of its SHA-256.  "": one at
 * random, good until the process and those it forked end.
 */
extern void uid_hash_set_key(const char *text);

/* The key itself, of SIPHASH_KEY_BYTES (siphash.h). */
extern void uid_hash_set_key_bytes(const unsigned char *key);

/* 0 without a key. */
extern uint64_t uid_hash(Span canonical_uid);

#endif /* GATEWAY_USER_UID_HASH_H */
