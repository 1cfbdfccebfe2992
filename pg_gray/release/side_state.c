/*
 * side_state.c: names sides and states, in C and in SQL
 */
#include "postgres.h"

#include "release/side_state.h"

static void
raise_unknown(const char *label)
{
	elog(ERROR, "unknown side or state \"%s\"", label);
}

Side
side_of_label(const char *label)
{
	Side side = SIDE_PRODUCTION;

	if (!side_parse(label, strlen(label), &side))
		raise_unknown(label);
	return side;
}

State
state_of_label(const char *label)
{
	State state = STATE_OFF;

	if (!state_parse(label, strlen(label), &state))
		raise_unknown(label);
	return state;
}
