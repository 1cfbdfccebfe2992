/*
 * partition.h: finds partitions, roots and parents of tables, and the partition to which a key
 * belongs
 *
 * The registry has only the root of a partitioned table.  A partition has the same columns under
 * the same names, but maybe in another order.
 */
#ifndef PG_GRAY_POSTGRES_PARTITION_H
#define PG_GRAY_POSTGRES_PARTITION_H

#include <stdbool.h>
#include <stdint.h>

struct List;

/* True for a partitioned table, whether it is a partition itself or not. */
extern bool partition_is_parent(unsigned int relation);

/*
 * Return the partitioned table at the top of which this table is a partition; the table itself if
 * it is no partition.
 */
extern unsigned int partition_root(unsigned int relation);

/* Return the table and all its ancestors in the partition tree (Oids). */
extern struct List *partition_with_ancestors(unsigned int relation);

/*
 * Return partitions and sub-partitions (Oids), each parent before its partitions and siblings by
 * name; NIL for a plain table.  Leaves each of them locked ACCESS SHARE.
 */
extern struct List *partition_all(unsigned int relation);

/*
 * Return the attribute of `relation` that has the name of this attribute of `other`; raise if
 * there is none.
 */
extern int16_t partition_attnum(unsigned int relation, unsigned int other, int16_t attnum);

/* Return "FOR VALUES ..." or "DEFAULT", as CREATE TABLE ... PARTITION OF takes it; palloc'd. */
extern char *partition_bound(unsigned int partition);

/*
 * Return "RANGE (created)", as PARTITION BY takes it; palloc'd.  Both functions print under the
 * search_path.
 */
extern char *partition_key(unsigned int parent);

/*
 * Open the leaf partition to which a row with these keys belongs, given a partitioned table and
 * its partitioned index whose keys (Datums, of its first columns) contain the partition key;
 * *index becomes the leaf's part of the index.  A plain table is its own leaf.  Returns null when
 * no partition would take such a row.  The leaf is locked ACCESS SHARE; nothing else stays locked.
 */
extern struct RelationData *partition_find(unsigned int table, unsigned int *index,
										   const uintptr_t *values, const bool *is_null);

#endif /* PG_GRAY_POSTGRES_PARTITION_H */
