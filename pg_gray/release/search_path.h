/*
 * search_path.h: the search paths under which definitions move from one side to the other
 *
 * PostgreSQL prints a definition (a view, a rule, a policy, a foreign key) with
 * bare names for what its search_path shows.  Printed under production's path and
 * run under gray's, the same text names the gray twins where there are any, and
 * falls through to production for everything else: just as version 2 sees the
 * database.  Printed under each side's own path, twins' definitions are the same
 * text exactly when they mean the same.
 */
#ifndef PG_GRAY_RELEASE_SEARCH_PATH_H
#define PG_GRAY_RELEASE_SEARCH_PATH_H

#include "release/twin.h"

struct Release;

/*
 * The search_path of a side, quoted, palloc'd: the schemas of the release's
 * production tables; on the gray side the gray schema before them.  Temporary tables
 * come last, so that a caller's can't stand in for others.
 * Use it with role_pin_setting("search_path", ...) after role_become.
 */
extern char *search_path_of(const struct Release *release, const TwinSet *set, Side side);

#endif /* PG_GRAY_RELEASE_SEARCH_PATH_H */
