/*
 * check_own.h: tables that only version 2 has, of which it is not clear whose the rows are
 */
#ifndef PG_GRAY_CHECK_CHECK_OWN_H
#define PG_GRAY_CHECK_CHECK_OWN_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/*
 * Add the findings about own tables: the tables that nobody has decided on, the registered ones
 * that have changed, and parked rows that can't go back.
 */
extern void check_own(const struct Release *release, const TwinSet *set, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_OWN_H */
