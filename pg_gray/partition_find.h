/*
 * partition_find.h: the partition in which a key would be
 */
#ifndef PARTITION_FIND_H
#define PARTITION_FIND_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Open the leaf in which a row with these keys is, given a partitioned table and a
 * partitioned index of it whose keys (Datums, of its first columns) contain the
 * partition key; *index becomes the leaf's part of the index.  A plain table is its
 * own leaf.  Null when no partition would take such a row.  The leaf is locked
 * ACCESS SHARE; nothing else stays locked.
 */
extern struct RelationData *partition_find(unsigned int table, unsigned int *index,
										   const uintptr_t *values, const bool *is_null);

#endif /* PARTITION_FIND_H */
