/*
 * bucket.h: maps a uid to its bucket, the slice of the users that it falls into
 *
 * Pure code.  It is built into the extension and into the gateway, which must agree.
 */
#ifndef ROUTING_BUCKET_H
#define ROUTING_BUCKET_H

#include <stddef.h>

/* The number of buckets.  A cohort's percentage has two decimals. */
#define BUCKET_COUNT 10000

/*
 * Return the bucket of a uid in a release, 0 .. BUCKET_COUNT - 1.
 *
 * uid is the canonical text form (the output of the release's uid type), of uid_length bytes.  The
 * release's name takes part, so that two releases of 1 % do not always hit the same users.  The
 * result must be the same in every version, or users would jump into and out of cohorts.
 *
 * The hash is FNV-1a of 64 bits (Fowler, Noll, Vo), and then the finalizer of MurmurHash3
 * (Appleby), since FNV alone leaves short numeric keys unevenly spread.
 */
extern unsigned bucket_of(const char *release, const char *uid, size_t uid_length);

#endif /* ROUTING_BUCKET_H */
