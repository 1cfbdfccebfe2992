/*
 * check_partition.h: whether each row would find its partition
 */
#ifndef CHECK_PARTITION_H
#define CHECK_PARTITION_H

#include "finding.h"
#include "twin.h"

struct Release;

/* Add what is wrong with the partitions of a pair of tables, on both sides. */
extern void check_partitions(const struct Release *release, const Twin *twin, Findings *findings);

#endif /* CHECK_PARTITION_H */
