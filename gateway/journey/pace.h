/*
 * pace.h: how many moves may wait, from how long they take
 *
 * By Little's law who joins a line waits as long as all before it take, shared among those who
 * serve.  A move is let in while that is below a time; so the line grows with fast moves, and
 * shrinks to nothing when they become slow or none ends any more.
 *
 * Pure.
 */
#ifndef GATEWAY_JOURNEY_PACE_H
#define GATEWAY_JOURNEY_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: no move has ended yet. */
typedef struct Pace
{
	uint64_t took_us; /* a mean in which the last ones weigh most; 0: none */
} Pace;

/* What is the matter at present. */
typedef struct PaceNow
{
	size_t	 waiting;
	unsigned idle;	  /* connections without a move */
	unsigned working; /* with one that has not run for too long */
} PaceNow;

/* A move has ended, however; but not the first one of a session, which has everything to prepare. */
extern void pace_took(Pace *pace, uint64_t us);

/* Would one more be begun within that time? */
extern bool pace_admits(const Pace *pace, const PaceNow *now, uint64_t within_us);

#endif /* GATEWAY_JOURNEY_PACE_H */
