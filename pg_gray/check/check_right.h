/*
 * check_right.h: whether roles have the rights that they need, and no others can interfere
 */
#ifndef PG_GRAY_CHECK_CHECK_RIGHT_H
#define PG_GRAY_CHECK_CHECK_RIGHT_H

#include "check/finding.h"
#include "release/twin.h"

struct Release;

/* Add an error for each table that belongs to another role than the others. */
extern void check_owners(const struct Release *release, Findings *findings);

/*
 * Add an error for each right that moves need and the owner has not: owners, too, can be denied
 * what they own.  With `opening`, what gray_open grants itself is left out.
 */
extern void check_rights(const struct Release *release, const TwinSet *set, bool opening,
						 Findings *findings);

/* The caller has called SPI_connect and acts as the catalog owner. */
extern void check_usage(const struct Release *release, Findings *findings);

/* The caller has called SPI_connect and acts as the catalog owner. */
extern void check_schema(const struct Release *release, const TwinSet *set, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_RIGHT_H */
