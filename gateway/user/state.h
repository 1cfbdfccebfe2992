/*
 * state.h: the words of a user's state, shared by roster, decision and moves
 */
#ifndef GATEWAY_USER_STATE_H
#define GATEWAY_USER_STATE_H

#include <stdbool.h>

#include "base/span.h"

typedef enum State
{
	STATE_OFF,	  /* data in production */
	STATE_ON,	  /* data in gray */
	STATE_FAILED, /* the move to gray failed; data in production */
	STATE_STUCK	  /* the move back failed; data in gray */
} State;

typedef enum Side
{
	SIDE_PRODUCTION,
	SIDE_GRAY
} Side;

extern bool		   state_parse(Span text, State *state);
extern const char *state_name(State state);
extern bool		   side_parse(Span text, Side *side);
extern const char *side_name(Side side);

#endif /* GATEWAY_USER_STATE_H */
