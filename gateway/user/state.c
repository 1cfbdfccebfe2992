/*
 * state.c: the words of a user's state, shared by roster, decision and moves
 */
#include "user/state.h"

static const char *const state_names[] = {"off", "on", "failed", "stuck"};
static const char *const side_names[] = {"production", "gray"};

bool
state_parse(Span text, State *state)
{
	for (int i = STATE_OFF; i <= STATE_STUCK; i++)
	{
		if (span_equals(text, state_names[i]))
		{
			*state = (State) i;
			return true;
		}
	}
	return false;
}

const char *
state_name(State state)
{
	return state_names[state];
}

bool
side_parse(Span text, Side *side)
{
	for (int i = SIDE_PRODUCTION; i <= SIDE_GRAY; i++)
	{
		if (span_equals(text, side_names[i]))
		{
			*side = (Side) i;
			return true;
		}
	}
	return false;
}

const char *
side_name(Side side)
{
	return side_names[side];
}
