/*
 * check_reference.h: finds foreign keys because of which a user can't be moved alone
 */
#ifndef PG_GRAY_CHECK_CHECK_REFERENCE_H
#define PG_GRAY_CHECK_CHECK_REFERENCE_H

#include "check/finding.h"
#include "release/twin.h"

struct Counting;

/*
 * Add warnings about rows that refer to rows of other users, and about rows that would violate a
 * foreign key which only the other side has.  Each warning says how many rows and users there are.
 */
extern void check_references(const TwinSet *set, struct Counting *counting, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_REFERENCE_H */
