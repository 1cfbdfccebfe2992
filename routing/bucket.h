/*
 * bucket.h: which slice of the users a uid falls into
 *
 * Pure code: built into the extension and into the gateway, which must agree.
 */
#ifndef ROUTING_BUCKET_H
#define ROUTING_BUCKET_H

#include <stddef.h>

/* A cohort's percentage has two decimals, so there are this many buckets. */
#define BUCKET_COUNT 10000

/*
 * The bucket, 0 .. BUCKET_COUNT - 1, of a uid in a release.
 *
 * uid is the canonical text form (the output of the release's uid type), of
 * uid_length bytes.  The release's name takes part, so that two releases of
 * 1 % do not always hit the same users.  The answer never changes between
 * versions: users would jump into and out of cohorts.
 *
 * Hash: FNV-1a, 64 bits (Fowler, Noll, Vo), then the finalizer of MurmurHash3
 * (Appleby), since FNV alone leaves short numeric keys unevenly spread.
 */
extern unsigned bucket_of(const char *release, const char *uid, size_t uid_length);

#endif /* ROUTING_BUCKET_H */
