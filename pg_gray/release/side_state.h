/*
 * side_state.h: names sides and states, in C and in SQL
 */
#ifndef PG_GRAY_RELEASE_SIDE_STATE_H
#define PG_GRAY_RELEASE_SIDE_STATE_H

#include "routing/state.h"

/* Of a label of the SQL enums gray.side and gray.state.  Another label raises an internal error. */
extern Side	 side_of_label(const char *label);
extern State state_of_label(const char *label);

#endif /* PG_GRAY_RELEASE_SIDE_STATE_H */
