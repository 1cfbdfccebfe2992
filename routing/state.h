/*
 * state.h: the states of a user and the two sides, with their names and rules
 *
 * Pure code.  The last three functions are the table in docs/concepts.md ("States").
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

/* Find the side or state of this name.  For any other text return false, and write nothing. */
extern bool side_parse(const char *text, size_t length, Side *side);
extern bool state_parse(const char *text, size_t length, State *state);

/* The side that has the data of a user in this state. */
extern Side state_side(State state);

/*
 * The side that serves a user in this state.  stuck_side is the release's policy for stuck users.
 */
extern Side state_serving_side(State state, Side stuck_side);

/*
 * Does the user's next request move the data?  wanted says that the release is open and the user is
 * in its cohort.  Then the data goes to gray, otherwise it goes home.
 */
extern bool state_move_is_due(State state, bool wanted);

#endif /* ROUTING_STATE_H */
