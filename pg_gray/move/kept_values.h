/*
 * kept_values.h: keeps the values that only gray can hold for the user's next stay there
 */
#ifndef PG_GRAY_MOVE_KEPT_VALUES_H
#define PG_GRAY_MOVE_KEPT_VALUES_H

#include <stdbool.h>

#include "move/home_changes.h"

struct Move;

/*
 * True when any value is kept for the user.  Costs one look-up in an index, and none when no
 * column can have kept values.
 */
extern bool keep_has(const struct Move *move);

/* The same for one table. */
extern bool keep_has_of(const struct Move *move, const Twin *twin);

/*
 * Forget the kept values of rows that production no longer has, of columns that were dropped, and
 * values whose counterpart in production has changed.
 */
extern void keep_forget_stale(const struct Move *move, const Twin *twin);

/* Raise unless all columns whose values can be kept are registered. */
extern void keep_require_ids(const struct Move *move, const Twin *twin);

/*
 * Keep the values of the gray rows that production can't give back.  To be called when production
 * is written and gray is not yet cleared.  Without `changes`, any row may have changed.
 */
extern void keep_rows(struct Move *move, const HomeChanges *changes);

/* Return the number of steps that keep_rows takes at most. */
extern int keep_steps(const TwinSet *set);

#endif /* PG_GRAY_MOVE_KEPT_VALUES_H */
