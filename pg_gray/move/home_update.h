/*
 * home_update.h: updates frozen rows in production from gray rows that were changed
 *
 * A pair of columns may have changed since the migration.  Then these values come home:
 *
 *   new in production  there is no value to compare with: gray's value goes there, unless
 *                      production has a value of its own
 *   new in gray        an empty value says nothing: production's value stays
 *   altered            production's value stays if gray's leads to it, though gray's may be longer
 *   others             values are merged as always
 */
#ifndef PG_GRAY_MOVE_HOME_UPDATE_H
#define PG_GRAY_MOVE_HOME_UPDATE_H

#include <stdint.h>

#include "move/home_changes.h"
#include "release/twin.h"

struct Altered;
struct Move;
struct StringInfoData;

/* Update the production rows that differ from their gray twins; return their number. */
extern uint64_t home_update(struct Move *move, HomeChanges *change);

/* Append the value of a pair for production, over p and g. */
extern void home_update_value(struct StringInfoData *sql, const struct Altered *altered,
							  const Twin *twin, const Column *column);

/* Append a condition: p may have to be updated from g. */
extern void home_update_differs(struct StringInfoData *sql, const struct Altered *altered,
								const Twin *twin);

/*
 * For a table without a key, and rows p and g that are equal in all other pairs: append
 * assignments for the new pairs, and a condition that p has not got these values yet.
 */
extern void home_update_new_pairs(struct StringInfoData *assignments,
								  struct StringInfoData *differs, const struct Altered *altered,
								  const Twin *twin);

#endif /* PG_GRAY_MOVE_HOME_UPDATE_H */
