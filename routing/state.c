/*
 * state.c: the states of a user and the two sides, with their names and rules
 */
#include "routing/state.h"

#include <string.h>

static const char *const side_names[] = {"production", "gray"};
static const char *const state_names[] = {"off", "on", "failed", "stuck"};

#define COUNT(names) (sizeof(names) / sizeof((names)[0]))

/* The position of the name, or count if there is none. */
static size_t
find_name(const char *const *names, size_t count, const char *text, size_t length)
{
	size_t at = 0;

	while (at < count && (strlen(names[at]) != length || memcmp(names[at], text, length) != 0))
		at++;
	return at;
}

const char *
side_name(Side side)
{
	return side_names[side];
}

const char *
state_name(State state)
{
	return state_names[state];
}

bool
side_parse(const char *text, size_t length, Side *side)
{
	size_t at = find_name(side_names, COUNT(side_names), text, length);

	if (at < COUNT(side_names))
		*side = (Side) at;
	return at < COUNT(side_names);
}

bool
state_parse(const char *text, size_t length, State *state)
{
	size_t at = find_name(state_names, COUNT(state_names), text, length);

	if (at < COUNT(state_names))
		*state = (State) at;
	return at < COUNT(state_names);
}

Side
state_side(State state)
{
	return state == STATE_ON || state == STATE_STUCK ? SIDE_GRAY : SIDE_PRODUCTION;
}

Side
state_serving_side(State state, Side stuck_side)
{
	return state == STATE_STUCK ? stuck_side : state_side(state);
}

bool
state_move_is_due(State state, bool wanted)
{
	return wanted ? state == STATE_OFF : state == STATE_ON;
}
