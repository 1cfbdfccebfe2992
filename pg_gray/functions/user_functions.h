/*
 * user_functions.h: the side that serves a user's requests, and the move that it may need first
 */
#ifndef PG_GRAY_FUNCTIONS_USER_FUNCTIONS_H
#define PG_GRAY_FUNCTIONS_USER_FUNCTIONS_H

#include <stdbool.h>

#include "release/side_state.h"
#include "user/call.h"

/* The side that serves a user in this state, by the release's policy for stuck users. */
extern Side user_side(const UserCall *call, State state);

/*
 * Is the user's data on another side than the cohort wants, as of the data committed now?  Takes no
 * lock on the user.
 */
extern bool user_move_is_due(const UserCall *call, State *state);

/* Move the user if a move is due.  Returns the state after it.  Raises as move_user does. */
extern State user_move_if_due(const UserCall *call, bool *moved);

#endif /* PG_GRAY_FUNCTIONS_USER_FUNCTIONS_H */
