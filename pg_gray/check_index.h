/*
 * check_index.h: whether a table has the indexes that moves need
 */
#ifndef CHECK_INDEX_H
#define CHECK_INDEX_H

#include "finding.h"
#include "twin.h"

/* Add a warning if rows of a pair of tables don't know each other by a key, or not well. */
extern void check_key(const Twin *twin, Findings *findings);

/* What to type for production to have a key; palloc'd. */
extern char *check_key_hint(const Twin *twin);

/* Add one for each side on which a user's rows are found by reading the whole table. */
extern void check_owner_indexes(const Twin *twin, Findings *findings);

#endif /* CHECK_INDEX_H */
