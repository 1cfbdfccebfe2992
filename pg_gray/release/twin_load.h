/*
 * twin_load.h: the twins of a release, from the registry and from what there is now
 */
#ifndef PG_GRAY_RELEASE_TWIN_LOAD_H
#define PG_GRAY_RELEASE_TWIN_LOAD_H

#include "release/twin.h"

struct List;
struct Release;

/*
 * Load the twins of a release in the current memory context, without the tables that version 2 has
 * dropped: these are in set->gone.  Raises when another table, or a column that leads to the owner,
 * is gone, and when an owner path leads over a dropped table.  The caller has called SPI_connect and
 * acts as the catalog owner.
 */
extern TwinSet *twin_load_all(const struct Release *release);

/*
 * The same, but leave out tables whose owner path leads over a dropped table: twin_find_cut finds
 * them.
 */
extern TwinSet *twin_load_uncut(const struct Release *release);

/*
 * Load only complete twins: leave out a table that is gone on a side, or from whose rows the way
 * to their owner is gone.
 */
extern TwinSet *twin_load_whole(const struct Release *release);

/*
 * True when a gray table that was gone when the set was loaded has been made again under its name.
 * Reads no registry, but catalogs.
 */
extern bool twin_load_is_back(const struct Release *release, const TwinSet *set);

/*
 * Load only the twins at these positions (integer), which include all parents; without their kept
 * values and their shape.
 */
extern TwinSet *twin_load_some(const struct Release *release, const struct List *positions);

#endif /* PG_GRAY_RELEASE_TWIN_LOAD_H */
