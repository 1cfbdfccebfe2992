/*
 * twin_difference.h: conditions that tell how a gray row differs from what it was when it came
 *
 * What the gray row was when it came is what p becomes by the mapping, except for
 * values that were kept from an earlier stay and were put into it again (kept_values.h).
 * $1, p and g are those of twin_sql.h.
 */
#ifndef PG_GRAY_RELEASE_TWIN_DIFFERENCE_H
#define PG_GRAY_RELEASE_TWIN_DIFFERENCE_H

#include "release/twin.h"

struct StringInfoData;

/*
 * Append a condition: p, seen through the mapping and with its kept values, differs from g, bit
 * for bit, in a column that both sides hold as data.
 */
extern void twin_difference_append(struct StringInfoData *sql, const Twin *twin);

/* Append a condition: g still has the value that it got for a pair when p came to gray. */
extern void twin_difference_as_it_came(struct StringInfoData *sql, const Twin *twin,
									   const Column *column);

/*
 * Append what comes home for a column: the frozen value of p as long as gray holds what that
 * became.
 */
extern void twin_difference_merged(struct StringInfoData *sql, const Twin *twin,
								   const Column *column);

#endif /* PG_GRAY_RELEASE_TWIN_DIFFERENCE_H */
