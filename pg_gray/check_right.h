/*
 * check_right.h: whether the owner of the tables may do what moves do
 */
#ifndef CHECK_RIGHT_H
#define CHECK_RIGHT_H

#include "finding.h"
#include "twin.h"

struct Release;

/* Add an error for each table that belongs to another role than the others. */
extern void check_owners(const struct Release *release, Findings *findings);

/*
 * Add an error for each right that moves need and the owner has not: owners, too, can be denied
 * what they own.  With `opening`, what gray_open grants itself is left out.
 */
extern void check_rights(const struct Release *release, const TwinSet *set, bool opening,
						 Findings *findings);

#endif /* CHECK_RIGHT_H */
