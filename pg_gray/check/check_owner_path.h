/*
 * check_owner_path.h: whether each row leads to its user, and to that one alone
 */
#ifndef PG_GRAY_CHECK_CHECK_OWNER_PATH_H
#define PG_GRAY_CHECK_CHECK_OWNER_PATH_H

#include "check/finding.h"
#include "release/twin.h"

struct Counting;
struct Release;

/* Add an error for each column on an owner path whose collation takes different texts for equal. */
extern void check_owner_collations(const TwinSet *set, Findings *findings);

/*
 * Add a warning for each table with rows that belong to nobody, or may come to: a column on its
 * owner path may be null.
 */
extern void check_owner_paths(const struct Release *release, const TwinSet *set,
							  struct Counting *counting, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_OWNER_PATH_H */
