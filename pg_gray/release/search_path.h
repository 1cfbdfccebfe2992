/*
 * search_path.h: makes the search paths under which definitions move from one side to the other
 *
 * PostgreSQL prints a definition (a view, a rule, a policy, a foreign key) with bare names for
 * objects that the search_path shows.  A definition printed under production's path and run under
 * gray's names the gray twins where there are any, and production's objects otherwise: just as
 * version 2 sees the database.  The definitions of twins, each printed under its own side's path,
 * are the same text exactly when they mean the same.
 */
#ifndef PG_GRAY_RELEASE_SEARCH_PATH_H
#define PG_GRAY_RELEASE_SEARCH_PATH_H

#include "release/twin.h"

struct Release;

/*
 * Return the search_path of a side, quoted, palloc'd: the schemas of the release's production
 * tables; on the gray side the gray schema before them.  Temporary tables come last, so that a
 * caller's temporary table can't stand in for another.  Use it with
 * role_pin_setting("search_path", ...) after role_become.
 */
extern char *search_path_of(const struct Release *release, const TwinSet *set, Side side);

#endif /* PG_GRAY_RELEASE_SEARCH_PATH_H */
