/*
 * uid_hash.h: computes a number that stands for a user where the uid must not be seen
 *
 * The number is SipHash-2-4 under a key. Without the key nobody can find the uids by trying them
 * all. With a plain hash anybody could.
 */
#ifndef GATEWAY_USER_UID_HASH_H
#define GATEWAY_USER_UID_HASH_H

#include <stdint.h>

#include "base/span.h"

/*
 * Take the key from any text: the key is the first half of the text's SHA-256. For "" the key is
 * random, and good until the process and its forked children end.
 */
extern void uid_hash_set_key(const char *text);

/* Set the key itself, of SIPHASH_KEY_BYTES bytes (siphash.h). */
extern void uid_hash_set_key_bytes(const unsigned char *key);

/* Return the hash of a uid; 0 without a key. */
extern uint64_t uid_hash(Span canonical_uid);

#endif /* GATEWAY_USER_UID_HASH_H */
