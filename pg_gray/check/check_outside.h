/*
 * check_outside.h: finds links to production's tables that a clone does not have
 */
#ifndef PG_GRAY_CHECK_CHECK_OUTSIDE_H
#define PG_GRAY_CHECK_CHECK_OUTSIDE_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/*
 * Add a warning for each table outside the release whose rows name tables of the release: in a
 * regclass column or, if the table belongs to an extension, in any column of names.  Such a table
 * does not know the gray tables.
 */
extern void check_registries(const TwinSet *set, Findings *findings);

/*
 * Add a warning for each gray table whose rows refer to large objects, as far as the catalog shows
 * it.
 */
extern void check_large_objects(const struct Release *release, Findings *findings);

/*
 * Add a warning for each role, or the database, for which ALTER ROLE or ALTER DATABASE sets
 * pg_gray.fence = skip while the library is not preloaded (see fence_skip.c).  The caller has
 * called SPI_connect.
 */
extern void check_preload(Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_OUTSIDE_H */
