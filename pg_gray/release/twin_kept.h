/*
 * twin_kept.h: registers the columns whose values are kept for a user's next stay in gray
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
 * Find the kept table and the ids of a release's columns.  The set is outdated when the registry
 * has other numbers or names, or when a column has no id.
 */
extern void twin_kept_load(const struct Release *release, TwinSet *set);

/* Write the present columns of a twin into the registry, and give ids to columns without. */
extern void twin_kept_remember(const struct Release *release, const Twin *twin);

#endif /* PG_GRAY_RELEASE_TWIN_KEPT_H */
