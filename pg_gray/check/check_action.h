/*
 * check_action.h: finds foreign keys whose actions reach beyond a user's rows
 */
#ifndef PG_GRAY_CHECK_CHECK_ACTION_H
#define PG_GRAY_CHECK_CHECK_ACTION_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/*
 * Add a warning for each foreign key that sets a column of an owner path by ON DELETE or ON UPDATE
 * SET NULL or SET DEFAULT.
 */
extern void check_set_null(const struct Release *release, const TwinSet *set, Findings *findings);

/*
 * Add a warning for each foreign key by whose action a change to a row outside the release deletes
 * or changes rows of both sides, unless a policy was chosen for the foreign key.  Add a warning for
 * each table outside the release that lacks our trigger.  The caller has called SPI_connect and
 * acts as the catalog owner.
 */
extern void check_shared(const struct Release *release, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_ACTION_H */
