/*
 * check_mapping.h: whether mappings and kept values still fit the tables
 */
#ifndef PG_GRAY_CHECK_CHECK_MAPPING_H
#define PG_GRAY_CHECK_CHECK_MAPPING_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/* Add what is wrong with the expressions of a pair of tables. */
extern void check_mappings(const TwinSet *set, const Twin *twin, Findings *findings);

/* Add a warning for a table without a key that has columns of its own in gray. */
extern void check_kept(const Twin *twin, Findings *findings);

/* Add a warning for each column of which values are kept that production could hold now. */
extern void check_kept_takeable(const struct Release *release, const TwinSet *set,
								Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_MAPPING_H */
