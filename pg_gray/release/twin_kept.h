/*
 * twin_kept.h: registers the columns whose values are kept for a user's next stay in gray
 */
#ifndef PG_GRAY_RELEASE_TWIN_KEPT_H
#define PG_GRAY_RELEASE_TWIN_KEPT_H

#include <stdbool.h>

#include "release/twin.h"

struct Release;

/* True when gray can hold a value of this pair to which production's value does not lead back. */
extern bool twin_kept_pair(const Twin *twin, const TwinColumn *column);

/* The same for a gray-only column. */
extern bool twin_kept_lone(const LoneColumn *column);

/*
 * Find the kept table and the ids of a release's columns.  The set is outdated when the registry
 * has other numbers or names, or when a column has no id.
 */
extern void twin_kept_load(const struct Release *release, TwinSet *set);

/* Write the present columns of a twin into the registry, and give ids to columns without. */
extern void twin_kept_remember(const struct Release *release, const Twin *twin);

#endif /* PG_GRAY_RELEASE_TWIN_KEPT_H */
