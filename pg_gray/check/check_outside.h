/*
 * check_outside.h: links to production's tables that a clone does not have
 */
#ifndef PG_GRAY_CHECK_CHECK_OUTSIDE_H
#define PG_GRAY_CHECK_CHECK_OUTSIDE_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/*
 * Add a warning for each table outside the release that names tables of it, as data: in a
 * regclass column, or in any column of names where the table is an extension's.  Gray tables are
 * not known there.
 */
extern void check_registries(const TwinSet *set, Findings *findings);

/*
 * Add a warning for each gray table whose rows refer to large objects, as far as that can be
 * seen.
 */
extern void check_large_objects(const struct Release *release, Findings *findings);

/*
 * Add a warning for each role, or the database, that has pg_gray.fence = skip by ALTER ROLE or
 * ALTER DATABASE, and not the library preloaded: see fence_skip.c.  The caller has called
 * SPI_connect.
 */
extern void check_preload(Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_OUTSIDE_H */
