/*
 * side_state.h: side and state, in C and in SQL
 */
#ifndef PG_GRAY_RELEASE_SIDE_STATE_H
#define PG_GRAY_RELEASE_SIDE_STATE_H

typedef enum Side
{
	SIDE_PRODUCTION,
	SIDE_GRAY
} Side;

typedef enum State
{
	STATE_OFF,	  /* data in production */
	STATE_ON,	  /* data in gray */
	STATE_FAILED, /* data in production: could not be moved */
	STATE_STUCK	  /* data in gray: could not be brought home */
} State;

/* Labels of the SQL enums gray.side and gray.state. */
extern const char *side_name(Side side);
extern const char *state_name(State state);

/* Raise an internal error for a label that is none of theirs. */
extern Side	 side_parse(const char *name);
extern State state_parse(const char *name);

/* Where the data of a user in this state is. */
extern Side state_side(State state);

#endif /* PG_GRAY_RELEASE_SIDE_STATE_H */
