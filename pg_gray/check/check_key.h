/*
 * check_key.h: checks whether a table has the keys that moves need
 */
#ifndef PG_GRAY_CHECK_CHECK_KEY_H
#define PG_GRAY_CHECK_CHECK_KEY_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/*
 * Add a warning if a pair of tables has no key by which a row is matched with its twin, or if the
 * gray table has no unique index on the key.
 */
extern void check_key(const Twin *twin, Findings *findings);

/* The hint that tells how to give the production table a key; palloc'd. */
extern char *check_key_hint(const Twin *twin);

/* Add a warning for each side on which a user's rows are found only by reading the whole table. */
extern void check_owner_indexes(const Twin *twin, Findings *findings);

/*
 * Add a finding for each partition that lacks the foreign key of the owner path.  The owner path
 * may rest on foreign keys of the partitions alone (foreign_key.h), and a partition that was added
 * later may not have one.  The caller acts as the catalog owner.
 */
extern void check_partition_keys(const Twin *twin, Findings *findings);

/*
 * Add a finding for each unique index by which two users could take the same value, one on each
 * side.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern void check_unique(const struct Release *release, const Twin *twin, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_KEY_H */
