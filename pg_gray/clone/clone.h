/*
 * clone.h: makes and registers the gray tables of a release
 */
#ifndef PG_GRAY_CLONE_CLONE_H
#define PG_GRAY_CLONE_CLONE_H

#include "release/twin.h"

struct List;
struct Release;

/*
 * Lock the release's list of tables until the end of the transaction, and
 * load it.  Raises unless the release is closed and nobody's data is in gray.
 * The caller has called SPI_connect and acts as the catalog owner.
 */
extern TwinSet *clone_begin(struct Release *release);

/*
 * Return the role that owns the tables of the release.  For a release without tables return the
 * owner of `table`, which is about to join it.
 */
extern unsigned int clone_owner(const TwinSet *set, unsigned int table);

/*
 * Create and register the gray twins of production tables.  `paths` are the tables' owner paths
 * (OwnerPath), owners before owned.  The tables have been checked by clonable_check and have the
 * same owner.  With the release's first tables, the bookkeeping of migration runners is copied
 * (bookkeeping.h).
 */
extern void clone_tables(struct Release *release, struct List *paths);

#endif /* PG_GRAY_CLONE_CLONE_H */
