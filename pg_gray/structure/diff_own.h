/*
 * diff_own.h: lists tables that are gone or have another name, and what only the gray schema has
 */
#ifndef PG_GRAY_STRUCTURE_DIFF_OWN_H
#define PG_GRAY_STRUCTURE_DIFF_OWN_H

#include "release/twin.h"

struct List;
struct Release;

/*
 * Return a difference (Difference) for each table of the release that is gone on a side or has
 * another name or schema than its twin, in order of position.  `set` has the tables that are whole.
 * The caller has called SPI_connect and acts as the catalog owner.
 */
extern struct List *diff_own_tables(const struct Release *release, const TwinSet *set);

/*
 * Return a difference (Difference, without a twin) for each object that version 2 made in the gray
 * schema, in an order in which they can be dropped.  Objects that belong to another one, such as
 * indexes, partitions and the sequence of a column, are left out.  The first `*views` of them are
 * views: they have to go before the tables that they read are altered.
 */
extern struct List *diff_own_objects(const struct Release *release, int *views);

#endif /* PG_GRAY_STRUCTURE_DIFF_OWN_H */
