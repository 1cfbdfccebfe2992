/*
 * twin_remember.h: keeping the registry up to date with the tables
 */
#ifndef PG_GRAY_RELEASE_TWIN_REMEMBER_H
#define PG_GRAY_RELEASE_TWIN_REMEMBER_H

#include "release/twin.h"

struct Release;

/*
 * Write the present names into the registry, and after the restore of a dump the present attribute
 * numbers.  Writes nothing when the set is not outdated, nor while another session changes the
 * registry; does not wait.
 */
extern void twin_remember(const struct Release *release, const TwinSet *set);

#endif /* PG_GRAY_RELEASE_TWIN_REMEMBER_H */
