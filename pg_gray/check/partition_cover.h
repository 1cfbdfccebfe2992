/*
 * partition_cover.h: where the rows of one partitioned table have their place in another
 */
#ifndef PG_GRAY_CHECK_PARTITION_COVER_H
#define PG_GRAY_CHECK_PARTITION_COVER_H

#include <stdbool.h>

struct List;

/* A partition of the first table. */
typedef struct PartitionCover
{
	unsigned int partition; /* Oid */
	bool		 is_default;
	bool		 has_gap; /* some of the rows that it may hold have no place in the other table */
	struct List *places;  /* partitions of the other that take the rest, Oids; none: nothing fits */
} PartitionCover;

/* True when both are partitioned by the same rule over values of the same types. */
extern bool partition_cover_comparable(unsigned int from, unsigned int to);

/*
 * Each partition of `from` (PartitionCover), in the order of their bounds.  Both
 * are comparable, and `to` has partitions.  Locks both ACCESS SHARE.
 */
extern struct List *partition_cover(unsigned int from, unsigned int to);

#endif /* PG_GRAY_CHECK_PARTITION_COVER_H */
