/*
 * partition.h: partitioned tables, their partitions, and the partition in which a key would be
 *
 * Only the root of a partitioned table is registered.  A partition has the same
 * columns under the same names, but maybe in another order.
 */
#ifndef PG_GRAY_POSTGRES_PARTITION_H
#define PG_GRAY_POSTGRES_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

struct List;

/* True for a partitioned table, be it a partition itself or not. */
extern bool partition_is_parent(unsigned int relation);

/* The partitioned table at the top that this is a partition of; itself if it is none. */
extern unsigned int partition_root(unsigned int relation);

/* The table, and those it is a partition of, at all levels (Oids). */
extern struct List *partition_with_ancestors(unsigned int relation);

/*
 * Partitions and sub-partitions (Oids), parents before theirs and siblings by
 * name; none for a plain table.  Leaves each locked ACCESS SHARE.
 */
extern struct List *partition_all(unsigned int relation);

/* The attribute of `relation` that has the name of this one of `other`; raises if there is none. */
extern int16_t partition_attnum(unsigned int relation, unsigned int other, int16_t attnum);

/* "FOR VALUES ..." or "DEFAULT", as CREATE TABLE ... PARTITION OF takes it; palloc'd. */
extern char *partition_bound(unsigned int partition);

/* "RANGE (created)", as PARTITION BY takes it; palloc'd.  Both print under the search_path. */
extern char *partition_key(unsigned int parent);

/*
 * Open the leaf in which a row with these keys is, given a partitioned table and a
 * partitioned index of it whose keys (Datums, of its first columns) contain the
 * partition key; *index becomes the leaf's part of the index.  A plain table is its
 * own leaf.  Null when no partition would take such a row.  The leaf is locked
 * ACCESS SHARE; nothing else stays locked.
 */
extern struct RelationData *partition_find(unsigned int table, unsigned int *index,
										   const uintptr_t *values, const bool *is_null);

#endif /* PG_GRAY_POSTGRES_PARTITION_H */
