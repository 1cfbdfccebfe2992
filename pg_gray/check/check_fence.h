/*
 * check_fence.h: checks whether the fence is up, and who writes past it
 */
#ifndef PG_GRAY_CHECK_CHECK_FENCE_H
#define PG_GRAY_CHECK_CHECK_FENCE_H

#include <stdbool.h>

#include "check/finding.h"

struct Release;

/*
 * Add an error for each table or partition whose fence is not up though users may be in gray, and
 * for each table or partition that a subscription writes.  Add a warning for each role with
 * session_replication_role = replica.  With `opening`, faults that gray_open mends are left out.
 */
extern void check_fence(const struct Release *release, bool opening, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_FENCE_H */
