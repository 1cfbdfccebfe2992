/*
 * clone.h: making the gray tables of a release
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

/* The role that the tables of a release belong to, of which `table` is to be one. */
extern unsigned int clone_owner(const TwinSet *set, unsigned int table);

/*
 * Create and register the gray twins of production tables that are clonable
 * and of one owner, given by their owner paths in order, owners before owned.
 */
extern void clone_tables(struct Release *release, struct List *paths);

#endif /* PG_GRAY_CLONE_CLONE_H */
