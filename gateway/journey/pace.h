/*
 * pace.h: decides how many moves may wait, from how long moves take
 *
 * By Little's law, a new move waits as long as all moves before it take, shared among the
 * connections. A move is let in while this time is below a limit. So the line may be long while
 * moves are fast. It shrinks to nothing when moves become slow, or when no move ends any more.
 *
 * The functions are pure.
 */
#ifndef GATEWAY_JOURNEY_PACE_H
#define GATEWAY_JOURNEY_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: no move has ended yet. */
typedef struct Pace
{
	uint64_t took_us; /* a mean in which the last moves weigh most; 0: no move has ended yet */
} Pace;

/* The present state of the line and the connections. */
typedef struct PaceNow
{
	size_t	 waiting;
	unsigned idle;	  /* connections without a move */
	unsigned working; /* connections with a move that has not run for too long */
} PaceNow;

/*
 * Note that a move has ended, in whatever way. Leave out the first move of a session, which has
 * to prepare all statements.
 */
extern void pace_took(Pace *pace, uint64_t us);

/* Would one more move be begun within that time? */
extern bool pace_admits(const Pace *pace, const PaceNow *now, uint64_t within_us);

#endif /* GATEWAY_JOURNEY_PACE_H */
