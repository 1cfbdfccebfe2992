/*
 * check_partition_key.h: partitions without the foreign key that leads to the owner
 */
#ifndef CHECK_PARTITION_KEY_H
#define CHECK_PARTITION_KEY_H

#include "finding.h"
#include "twin.h"

/*
 * An owner path may stand on foreign keys of the partitions alone (shared_key.h); one that
 * was added later may lack its.  The caller acts as the catalog owner.
 */
extern void check_partition_keys(const Twin *twin, Findings *findings);

#endif /* CHECK_PARTITION_KEY_H */
