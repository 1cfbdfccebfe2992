/*
 * diff_partition.h: pairs the partitions of twins, and lists how they differ
 */
#ifndef PG_GRAY_STRUCTURE_DIFF_PARTITION_H
#define PG_GRAY_STRUCTURE_DIFF_PARTITION_H

#include "release/twin.h"

struct List;

/* Two tables that are compared: twins, or partitions of twins that have the same name. */
typedef struct DiffPair
{
	const Twin	*twin;
	unsigned int relation[2]; /* by Side, Oid */
} DiffPair;

/*
 * Append to `pairs` the pairs (DiffPair) of the partitions of a twin.  Append to `differences` a
 * difference (Difference) for each partition that one side lacks, or whose bounds differ.  The
 * caller has called SPI_connect.
 */
extern void diff_partition_load(const Twin *twin, struct List **pairs, struct List **differences);

#endif /* PG_GRAY_STRUCTURE_DIFF_PARTITION_H */
