/*
 * check_value.h: rows that the other side would refuse
 */
#ifndef PG_GRAY_CHECK_CHECK_VALUE_H
#define PG_GRAY_CHECK_CHECK_VALUE_H

#include "check/finding.h"
#include "release/twin.h"

struct Counting;
struct Release;

/*
 * Add a warning for each column and CHECK constraint that rows there are would not get past, on
 * the way to gray and on the way home, with how many there are and the key of one.  The mappings
 * of the set are qualified.
 */
extern void check_values(const struct Release *release, const TwinSet *set,
						 const struct Counting *counting, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_VALUE_H */
