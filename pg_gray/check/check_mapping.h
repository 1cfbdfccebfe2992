/*
 * check_mapping.h: checks whether mappings and kept values still fit the tables
 */
#ifndef PG_GRAY_CHECK_CHECK_MAPPING_H
#define PG_GRAY_CHECK_CHECK_MAPPING_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/* Add the findings about the mappings of a pair of tables. */
extern void check_mappings(const TwinSet *set, const Twin *twin, Findings *findings);

/* Add a warning for a table without a key that has gray-only columns. */
extern void check_kept(const Twin *twin, Findings *findings);

/* Add a warning for each column whose kept values production could hold now. */
extern void check_kept_takeable(const struct Release *release, const TwinSet *set,
								Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_MAPPING_H */
