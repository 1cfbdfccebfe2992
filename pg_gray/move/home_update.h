/*
 * home_update.h: changed rows, from gray into the frozen rows in production
 *
 * A pair of columns may be another than at the migration.  Then this comes home:
 *
 *   new in production  it has nothing to compare with: what gray has goes there, unless
 *                      production has said something of its own
 *   new in gray        what is empty there says nothing: production's value stays
 *   altered            so does one that gray's value leads to, though gray's may be longer
 *   others             merged as ever
 */
#ifndef PG_GRAY_MOVE_HOME_UPDATE_H
#define PG_GRAY_MOVE_HOME_UPDATE_H

#include <stdint.h>

#include "move/home_changes.h"
#include "release/twin.h"

struct Altered;
struct Move;
struct StringInfoData;

/* Update the production rows whose gray twins differ; returns how many. */
extern uint64_t home_update(struct Move *move, HomeChanges *change);

/* Append the value of a pair for production, over p and g. */
extern void home_update_value(struct StringInfoData *sql, const struct Altered *altered,
							  const Twin *twin, const Column *column);

/* Append a condition: p may have to be written for g. */
extern void home_update_differs(struct StringInfoData *sql, const struct Altered *altered,
								const Twin *twin);

/*
 * Without a key, of rows p and g that are equal in all other pairs: append what the new ones
 * become, as assignments, and a condition: p has not that.
 */
extern void home_update_new_pairs(struct StringInfoData *assignments,
								  struct StringInfoData *differs, const struct Altered *altered,
								  const Twin *twin);

#endif /* PG_GRAY_MOVE_HOME_UPDATE_H */
