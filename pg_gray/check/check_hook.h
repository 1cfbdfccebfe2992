/*
 * check_hook.h: checks the hooks of a release, and mappings that should be hooks
 */
#ifndef PG_GRAY_CHECK_CHECK_HOOK_H
#define PG_GRAY_CHECK_CHECK_HOOK_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/* Add an error for each hook that moves can't call. */
extern void check_hooks(const struct Release *release, const TwinSet *set, Findings *findings);

/*
 * Add a warning for each `down` that calls a function of the application which is not immutable:
 * the function may read a table.
 */
extern void check_down_calls(const TwinSet *set, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_HOOK_H */
