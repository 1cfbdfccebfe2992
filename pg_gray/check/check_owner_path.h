/*
 * check_owner_path.h: checks whether each row leads to one user, and to the right user
 */
#ifndef PG_GRAY_CHECK_CHECK_OWNER_PATH_H
#define PG_GRAY_CHECK_CHECK_OWNER_PATH_H

#include "check/finding.h"
#include "release/twin.h"

struct Counting;
struct Release;

/* Add an error for each column on an owner path whose collation treats different texts as equal. */
extern void check_owner_collations(const TwinSet *set, Findings *findings);

/*
 * Add a warning for each table that has rows of nobody, or may get such rows because a column on
 * its owner path may be null.
 */
extern void check_owner_paths(const struct Release *release, const TwinSet *set,
							  struct Counting *counting, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_OWNER_PATH_H */
