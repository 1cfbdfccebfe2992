/*
 * check_structure.h: finds differences by which one side refuses, hides or loses rows
 */
#ifndef PG_GRAY_CHECK_CHECK_STRUCTURE_H
#define PG_GRAY_CHECK_CHECK_STRUCTURE_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;
struct ViewPlan;

/*
 * Add warnings about production's constraints that gray lacks (see diff.h), and about identity
 * columns whose GENERATED ALWAYS gray can't keep.  The caller has called SPI_connect and acts as
 * the catalog owner.
 */
extern void check_structure(const struct Release *release, const TwinSet *set, Findings *findings);

/*
 * Add a warning for each relation and type of the gray schema, other than twins, that hides a
 * shared relation or type of the same name from the sessions of version 2.
 */
extern void check_hidden(const struct ViewPlan *plan, Findings *findings);

/* Add an error for each UNLOGGED gray table or partition whose production twin is logged. */
extern void check_storage(const struct Release *release, Findings *findings);

/* Add an error for a uid column, on either side, whose type can no longer hold uids. */
extern void check_uid(const struct Release *release, const Twin *twin, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_STRUCTURE_H */
