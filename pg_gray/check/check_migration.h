/*
 * check_migration.h: finds what migration runners of the two versions do to each other
 */
#ifndef PG_GRAY_CHECK_CHECK_MIGRATION_H
#define PG_GRAY_CHECK_CHECK_MIGRATION_H

#include "check/finding.h"

struct Counting;
struct Release;

/*
 * Add a warning for each copied bookkeeping table when production has run a migration since it was
 * copied that version 2 has not run.
 */
extern void check_bookkeeping(const struct Release *release, const struct Counting *counting,
							  Findings *findings);

/* Add a warning when the release is open, and the views of gray_shared_views are there. */
extern void check_shared_views(const struct Release *release, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_MIGRATION_H */
