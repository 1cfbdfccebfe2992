/*
 * twin_load.h: the twins of a release, from the registry and from what there is now
 */
#ifndef PG_GRAY_RELEASE_TWIN_LOAD_H
#define PG_GRAY_RELEASE_TWIN_LOAD_H

#include "release/twin.h"

struct List;
struct Release;

/*
 * Load the twins of a release in the current memory context.  Raises when a
 * table or a column that leads to the owner is gone.  The caller has called
 * SPI_connect and acts as the catalog owner.
 */
extern TwinSet *twin_load_all(const struct Release *release);

/*
 * Load what is whole: leave out tables that are gone on a side, or whose rows' way to their
 * owner is.
 */
extern TwinSet *twin_load_whole(const struct Release *release);

/*
 * Load only those at these positions (integer), among which are all parents, and nothing of
 * what is kept of their values, nor their shape.
 */
extern TwinSet *twin_load_some(const struct Release *release, const struct List *positions);

#endif /* PG_GRAY_RELEASE_TWIN_LOAD_H */
