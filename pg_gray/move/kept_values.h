/*
 * kept_values.h: what only gray can hold, kept for the user's next stay there
 */
#ifndef PG_GRAY_MOVE_KEPT_VALUES_H
#define PG_GRAY_MOVE_KEPT_VALUES_H

#include <stdbool.h>

#include "move/home_changes.h"

struct Move;

/* Is any value kept for the user?  One look-up in an index, and none where none can be. */
extern bool keep_has(const struct Move *move);

/* The same of one table. */
extern bool keep_has_of(const struct Move *move, const Twin *twin);

/*
 * Forget what has no place any more: of rows that production no longer has, of columns
 * that were dropped, and values whose counterpart in production is another now.
 */
extern void keep_forget_stale(const struct Move *move, const Twin *twin);

/* Raises unless all columns whose values can be kept are registered. */
extern void keep_require_ids(const struct Move *move, const Twin *twin);

/*
 * Keep what the gray rows have and production can't give back.  Called when production
 * is written and gray not yet cleared.  Without `changes`, any row may have changed.
 */
extern void keep_rows(struct Move *move, const HomeChanges *changes);

/* How many steps keep_rows takes at most. */
extern int keep_steps(const TwinSet *set);

#endif /* PG_GRAY_MOVE_KEPT_VALUES_H */
