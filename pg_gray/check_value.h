/*
 * check_value.h: rows that the other side would refuse
 */
#ifndef CHECK_VALUE_H
#define CHECK_VALUE_H

#include "finding.h"
#include "twin.h"

struct Counting;
struct Release;

/*
 * Add a warning for each column and CHECK constraint that rows there are would not get past, on
 * the way to gray and on the way home, with how many there are and the key of one.  The mappings
 * of the set are qualified.
 */
extern void check_values(const struct Release *release, const TwinSet *set,
						 const struct Counting *counting, Findings *findings);

#endif /* CHECK_VALUE_H */
