/*
 * check_right.h: checks whether roles have the privileges they need, and whether others interfere
 */
#ifndef PG_GRAY_CHECK_CHECK_RIGHT_H
#define PG_GRAY_CHECK_CHECK_RIGHT_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/* Add an error for each table whose owner is not the owner of most tables. */
extern void check_owners(const struct Release *release, Findings *findings);

/*
 * Add an error for each privilege that moves need and the owner of the tables lacks; privileges
 * can be revoked from an owner, too.  With `opening`, those that gray_open grants are left out.
 */
extern void check_rights(const struct Release *release, const TwinSet *set, bool opening,
						 Findings *findings);

/*
 * Add a warning for each role that may use production's tables but not the gray schema.  The caller
 * has called SPI_connect and acts as the catalog owner.
 */
extern void check_usage(const struct Release *release, Findings *findings);

/*
 * Add findings about strangers who may create objects in the gray schema or in the schema of
 * pg_gray's functions.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern void check_schema(const struct Release *release, const TwinSet *set, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_RIGHT_H */
