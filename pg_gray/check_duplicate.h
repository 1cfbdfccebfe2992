/*
 * check_duplicate.h: rows that can't be on the other side together
 */
#ifndef CHECK_DUPLICATE_H
#define CHECK_DUPLICATE_H

#include "finding.h"
#include "twin.h"

struct Counting;

/*
 * Add a warning for each unique index and exclusion constraint of one side that rows of the
 * other side would violate.  The mappings of the set are qualified.
 */
extern void check_duplicates(const TwinSet *set, struct Counting *counting, Findings *findings);

#endif /* CHECK_DUPLICATE_H */
