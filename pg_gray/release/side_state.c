/*
 * side_state.c: names sides and states, in C and in SQL
 */
#include "postgres.h"

#include "release/side_state.h"

static const char *const side_names[] = {"production", "gray"};
static const char *const state_names[] = {"off", "on", "failed", "stuck"};

static int
find_name(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(names[i], name) == 0)
			return i;
	}
	elog(ERROR, "unknown side or state \"%s\"", name);
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

Side
side_parse(const char *name)
{
	return (Side) find_name(side_names, lengthof(side_names), name);
}

State
state_parse(const char *name)
{
	return (State) find_name(state_names, lengthof(state_names), name);
}

Side
state_side(State state)
{
	return state == STATE_ON || state == STATE_STUCK ? SIDE_GRAY : SIDE_PRODUCTION;
}
