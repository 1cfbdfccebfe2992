/*
 * check_structure.h: differences of twins by which a row is refused, hidden or lost on one side
 */
#ifndef PG_GRAY_CHECK_CHECK_STRUCTURE_H
#define PG_GRAY_CHECK_CHECK_STRUCTURE_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;
struct ViewPlan;

/*
 * Add warnings about constraints that one side has and the other has not (see
 * diff.h), and identity columns whose rule gray can't keep.  The caller has called
 * SPI_connect and acts as the catalog owner.
 */
extern void check_structure(const struct Release *release, const TwinSet *set, Findings *findings);

/*
 * Add a warning for each relation and type of the gray schema by which a session of version 2 no
 * longer finds a shared one of production, other than twins.
 */
extern void check_hidden(const struct ViewPlan *plan, Findings *findings);

/* Add an error for each gray table or partition that is UNLOGGED, where production's is not. */
extern void check_storage(const struct Release *release, Findings *findings);

/* Add an error for a uid column, on either side, that was given a type of another kind. */
extern void check_uid(const struct Release *release, const Twin *twin, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_STRUCTURE_H */
