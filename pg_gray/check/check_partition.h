/*
 * check_partition.h: checks whether each row would find its partition on the other side
 */
#ifndef PG_GRAY_CHECK_CHECK_PARTITION_H
#define PG_GRAY_CHECK_CHECK_PARTITION_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/* Add the findings about the partitions of a pair of tables, on both sides. */
extern void check_partitions(const struct Release *release, const Twin *twin, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_PARTITION_H */
