/*
 * state.h: the states of a user, the two sides, and their words
 *
 * Pure.  The last three functions are the table in docs/concepts.md ("States").
 */
#ifndef ROUTING_STATE_H
#define ROUTING_STATE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum Side
{
	SIDE_PRODUCTION,
	SIDE_GRAY
} Side;

typedef enum State
{
	STATE_OFF,	  /* data in production */
	STATE_ON,	  /* data in gray */
	STATE_FAILED, /* data in production: the move to gray failed */
	STATE_STUCK	  /* data in gray: the move home failed */
} State;

/* The labels of the SQL enums gray.side and gray.state. */
extern const char *side_name(Side side);
extern const char *state_name(State state);

/* False, and nothing is written: the text is not one of the labels. */
extern bool side_parse(const char *text, size_t length, Side *side);
extern bool state_parse(const char *text, size_t length, State *state);

/* Where the data of a user in this state is. */
extern Side state_side(State state);

/* The side that serves a user in this state, by the release's policy for users who are stuck. */
extern Side state_serving_side(State state, Side stuck_side);

/*
 * Is the data to be moved at the user's next request?  wanted: the release is open and the user is in
 * its cohort.  Then the data goes to gray, else home.
 */
extern bool state_move_is_due(State state, bool wanted);

#endif /* ROUTING_STATE_H */
