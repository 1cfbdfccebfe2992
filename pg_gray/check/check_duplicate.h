/*
 * check_duplicate.h: finds rows of one side that would conflict with each other on the other side
 */
#ifndef PG_GRAY_CHECK_CHECK_DUPLICATE_H
#define PG_GRAY_CHECK_CHECK_DUPLICATE_H

#include "check/finding.h"
#include "release/twin.h"

struct Counting;

/*
 * Add a warning for each unique index and exclusion constraint of one side that rows of the
 * other side would violate.  The mappings of the set are qualified.
 */
extern void check_duplicates(const TwinSet *set, struct Counting *counting, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_DUPLICATE_H */
