/*
 * side_state.h: names sides and states, in C and in SQL
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

/* Return the labels of the SQL enums gray.side and gray.state. */
extern const char *side_name(Side side);
extern const char *state_name(State state);

/* Parse a label; raise an internal error for an unknown one. */
extern Side	 side_parse(const char *name);
extern State state_parse(const char *name);

/* Return the side of the data of a user in this state. */
extern Side state_side(State state);

#endif /* PG_GRAY_RELEASE_SIDE_STATE_H */
