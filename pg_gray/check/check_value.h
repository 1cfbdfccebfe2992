/*
 * check_value.h: finds rows that the other side would refuse
 */
#ifndef PG_GRAY_CHECK_CHECK_VALUE_H
#define PG_GRAY_CHECK_CHECK_VALUE_H

#include "check/finding.h"
#include "release/twin.h"

struct Counting;
struct Release;

/*
 * Add a warning for each column and CHECK constraint that would refuse existing rows, on the way to
 * gray or on the way home.  The warning has the number of such rows and of their users, and
 * the key of one row.  The mappings of the set are qualified.
 */
extern void check_values(const struct Release *release, const TwinSet *set,
						 struct Counting *counting, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_VALUE_H */
