/*
 * hook_run.h: calls the application's own function for each user who is moved (a hook)
 */
#ifndef PG_GRAY_MOVE_HOOK_RUN_H
#define PG_GRAY_MOVE_HOOK_RUN_H

#include <stdbool.h>

struct Move;

/* True when the move has a hook. */
extern bool hook_is_set(const struct Move *move);

/*
 * Prepare a move for writes of the application's own functions: deferred constraints are immediate
 * from then on, for the rest of the transaction, since a deferred trigger can't fire while the move
 * acts as another role.  Raises object_in_use when a check was deferred before.
 */
extern void hook_prepare(struct Move *move);

/*
 * Call the hook of the move's kind for each user of the move, if there is one.  The caller acts as
 * the owner of the tables.  Raises what the hook and hook_prepare raise.
 */
extern void hook_run(struct Move *move);

#endif /* PG_GRAY_MOVE_HOOK_RUN_H */
