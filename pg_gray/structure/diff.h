/*
 * diff.h: lists how gray tables differ from their production tables
 */
#ifndef PG_GRAY_STRUCTURE_DIFF_H
#define PG_GRAY_STRUCTURE_DIFF_H

#include "release/twin.h"

struct List;
struct Release;

/*
 * Return all differences (Difference): views that version 2 made, then those of tables of the
 * release, ordered by table, and then other objects that version 2 made in the gray schema.  In
 * this order they can be undone.  A column that was renamed in gray is one difference; the pieces
 * that use the column do not differ for this reason.  `set` need not have the tables that are gone.
 * The caller has called SPI_connect and acts as the catalog owner.
 */
extern struct List *diff_load(const struct Release *release, const TwinSet *set);

/* The same of constraints, foreign keys, indexes and partitions only. */
extern struct List *diff_load_refusing(const struct Release *release, const TwinSet *set);

#endif /* PG_GRAY_STRUCTURE_DIFF_H */
