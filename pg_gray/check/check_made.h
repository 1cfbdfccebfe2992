/*
 * check_made.h: checks the queries by which the migration makes rows of own tables
 */
#ifndef PG_GRAY_CHECK_CHECK_MADE_H
#define PG_GRAY_CHECK_CHECK_MADE_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/* Add an error for each query that can't be run any more. */
extern void check_made(const struct Release *release, const TwinSet *set, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_MADE_H */
