/*
 * partition_cover.h: matches the partitions of one table with the partitions of another table
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
	bool		 has_gap; /* the other table has no partition for some rows that it may hold */
	struct List *places;  /* partitions of the other table that take the rest (Oids); or empty */
} PartitionCover;

/* True when both tables are partitioned by the same strategy over values of the same types. */
extern bool partition_cover_comparable(unsigned int from, unsigned int to);

/*
 * Each partition of `from` (PartitionCover), in the order of their bounds.  The tables are
 * comparable, and `to` has partitions.  Locks both tables ACCESS SHARE.
 */
extern struct List *partition_cover(unsigned int from, unsigned int to);

#endif /* PG_GRAY_CHECK_PARTITION_COVER_H */
