/*
 * user_functions.h: where a user's requests go, and whether a move is due for that
 */
#ifndef PG_GRAY_FUNCTIONS_USER_FUNCTIONS_H
#define PG_GRAY_FUNCTIONS_USER_FUNCTIONS_H

#include <stdbool.h>

#include "release/side_state.h"
#include "user/call.h"

/* The side that answers for a user in this state, by the release's policy for stuck ones. */
extern Side user_side(const UserCall *call, State state);

/* Is the data not where the cohort wants it, as far as committed now?  Locks nobody. */
extern bool user_move_is_due(const UserCall *call, State *state);

/* Move the user if that is due; the answer is the state that it came to.  Raises as move_user does. */
extern State user_move_if_due(const UserCall *call, bool *moved);

#endif /* PG_GRAY_FUNCTIONS_USER_FUNCTIONS_H */
