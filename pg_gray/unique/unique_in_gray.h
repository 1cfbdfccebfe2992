/*
 * unique_in_gray.h: the keys of a unique index of production, as gray has them
 */
#ifndef PG_GRAY_UNIQUE_UNIQUE_IN_GRAY_H
#define PG_GRAY_UNIQUE_UNIQUE_IN_GRAY_H

#include "unique/unique_index.h"

/*
 * Given production's side of it, fill in what gray forms the keys of, and an index
 * to find them by; or the obstacles.  `index` is production's, open.
 */
extern void unique_in_gray_in_gray(UniqueIndex *unique, const Twin *twin,
								   struct RelationData *index);

#endif /* PG_GRAY_UNIQUE_UNIQUE_IN_GRAY_H */
