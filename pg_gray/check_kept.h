/*
 * check_kept.h: whether what only gray can hold is kept, and can go to production
 */
#ifndef CHECK_KEPT_H
#define CHECK_KEPT_H

#include "finding.h"
#include "twin.h"

struct Release;

/* Add a warning for a table without a key that has columns of its own in gray. */
extern void check_kept(const Twin *twin, Findings *findings);

/* Add a warning for each column of which values are kept that production could hold now. */
extern void check_kept_takeable(const struct Release *release, const TwinSet *set,
								Findings *findings);

#endif /* CHECK_KEPT_H */
