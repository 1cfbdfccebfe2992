/*
 * check_key.h: whether a table has the keys that moves need
 */
#ifndef PG_GRAY_CHECK_CHECK_KEY_H
#define PG_GRAY_CHECK_CHECK_KEY_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/* Add a warning if rows of a pair of tables don't know each other by a key, or not well. */
extern void check_key(const Twin *twin, Findings *findings);

/* What to type for production to have a key; palloc'd. */
extern char *check_key_hint(const Twin *twin);

/* Add one for each side on which a user's rows are found by reading the whole table. */
extern void check_owner_indexes(const Twin *twin, Findings *findings);

/*
 * An owner path may stand on foreign keys of the partitions alone (foreign_key.h); one that
 * was added later may lack its.  The caller acts as the catalog owner.
 */
extern void check_partition_keys(const Twin *twin, Findings *findings);

/* The caller has called SPI_connect and acts as the catalog owner. */
extern void check_unique(const struct Release *release, const Twin *twin, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_KEY_H */
