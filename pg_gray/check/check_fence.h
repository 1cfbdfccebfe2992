/*
 * check_fence.h: whether the fence stands, and who writes around it
 */
#ifndef PG_GRAY_CHECK_CHECK_FENCE_H
#define PG_GRAY_CHECK_CHECK_FENCE_H

#include <stdbool.h>

#include "check/finding.h"

struct Release;

/*
 * Add an error for each table or partition whose fence is not up though users may be in gray,
 * and for each that a subscription writes; and a warning for roles that write as a replica does.
 * With `opening`, what gray_open mends itself is left out.
 */
extern void check_fence(const struct Release *release, bool opening, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_FENCE_H */
