/*
 * own_load.h: loads the own tables of a release, which only version 2 has
 */
#ifndef PG_GRAY_RELEASE_OWN_LOAD_H
#define PG_GRAY_RELEASE_OWN_LOAD_H

#include "release/twin.h"

struct Release;

/*
 * Load the own tables whose rows belong to users into a set of twins that is loaded.  A table that
 * is gone, or whose way to the user is gone, is left out.
 */
extern void own_load(const struct Release *release, TwinSet *set);

/* Return the names (char *) of the parked tables, qualified. */
extern struct List *own_parked_list(const struct Release *release);

/* Return them for a list of tables in SQL; null: there is none. */
extern char *own_parked_tables(const struct Release *release);

#endif /* PG_GRAY_RELEASE_OWN_LOAD_H */
