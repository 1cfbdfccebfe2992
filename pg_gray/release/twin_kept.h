/*
 * twin_kept.h: the columns whose values are kept for a user's next stay in gray
 */
#ifndef PG_GRAY_RELEASE_TWIN_KEPT_H
#define PG_GRAY_RELEASE_TWIN_KEPT_H

#include <stdbool.h>

#include "release/twin.h"

struct Release;

/*
 * Can gray hold a value of this column that production does not lead back to?  True for each
 * column that only gray has and that is not generated.
 */
extern bool twin_kept_wanted(const Twin *twin, const Column *column);

/*
 * Find where the values of a release's twins are kept, and by what ids.  The set is
 * outdated where the registry has other numbers or names, or a column has no id.
 */
extern void twin_kept_load(const struct Release *release, TwinSet *set);

/* Write what a twin has now into the registry, and give ids to columns without. */
extern void twin_kept_remember(const struct Release *release, const Twin *twin);

#endif /* PG_GRAY_RELEASE_TWIN_KEPT_H */
