/*
 * diff_partition.h: the partitions of twins, in pairs
 */
#ifndef PG_GRAY_STRUCTURE_DIFF_PARTITION_H
#define PG_GRAY_STRUCTURE_DIFF_PARTITION_H

#include "release/twin.h"

struct List;

/* Two tables that are compared: twins, or partitions of twins of one name. */
typedef struct DiffPair
{
	const Twin	*twin;
	unsigned int relation[2]; /* by Side, Oid */
} DiffPair;

/*
 * Append the pairs (DiffPair) of the partitions of a twin, and the differences
 * (diff.h) of partitions that one side lacks or that have other bounds.  The
 * caller has called SPI_connect.
 */
extern void diff_partition_load(const Twin *twin, struct List **pairs, struct List **differences);

#endif /* PG_GRAY_STRUCTURE_DIFF_PARTITION_H */
