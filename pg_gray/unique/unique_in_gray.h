/*
 * unique_in_gray.h: forms the keys of a unique index of production from gray's rows
 */
#ifndef PG_GRAY_UNIQUE_UNIQUE_IN_GRAY_H
#define PG_GRAY_UNIQUE_UNIQUE_IN_GRAY_H

#include "unique/unique_index.h"

/*
 * Given production's half of `unique`, fill in the columns from which gray forms the keys, and an
 * index to find the keys by; or the obstacles.  `index` is production's index, open.
 */
extern void unique_in_gray_in_gray(UniqueIndex *unique, const Twin *twin,
								   struct RelationData *index);

#endif /* PG_GRAY_UNIQUE_UNIQUE_IN_GRAY_H */
