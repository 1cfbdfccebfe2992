/*
 * unique_find.h: the keys of a unique index of production, as gray has them
 */
#ifndef UNIQUE_FIND_H
#define UNIQUE_FIND_H

#include "unique_index.h"

/*
 * Given production's side of it, fill in what gray forms the keys of, and an index
 * to find them by; or the obstacles.  `index` is production's, open.
 */
extern void unique_find_in_gray(UniqueIndex *unique, const Twin *twin, struct RelationData *index);

#endif /* UNIQUE_FIND_H */
