/*
 * mover.h: calls gray_route on a few connections of its own
 */
#ifndef GATEWAY_JOURNEY_MOVER_H
#define GATEWAY_JOURNEY_MOVER_H

#include "loop/loop.h"
#include "roster/watch.h"
#include "routing/state.h"

typedef struct Mover   Mover;
typedef struct MoveJob MoveJob;

typedef struct MoveResult
{
	bool		known;	 /* side and state are the database's answer */
	bool		put_off; /* the database was not asked: its turn did not come in time */
	Side		side;
	State		state;
	uint64_t	transaction; /* in which the user was moved; 0: none was needed */
	FollowMark	mark;		 /* of before it was asked */
	const char *problem;	 /* if neither: why; borrowed for the call */
} MoveResult;

typedef void (*MoveDone)(void *context, const MoveResult *result);

extern Mover *mover_new(Loop *loop, Watch *watch);

/* Open jobs are forgotten; their done is not called. */
extern void mover_free(Mover *mover);

/*
 * Asks gray_route for a user, and again a few times when the answer is that
 * time will cure it.  done is called once, from the loop; the job is good until
 * then.  must: it waits for its turn however long that takes; others are put off
 * after move_wait_ms.
 */
extern MoveJob *mover_submit(Mover *mover, const char *uid, bool must, MoveDone done, void *context);

/* Does it wait for its turn, and may be put off? */
extern bool mover_waits(const MoveJob *job);

/*
 * Takes it back, without a call of done.  False, and nothing happens: it must be done, or the
 * database has been asked.
 */
extern bool mover_withdraw(Mover *mover, MoveJob *job);

/* Would a move that is submitted now have its turn in time? */
extern bool mover_admits(const Mover *mover);

extern void mover_sweep(Mover *mover, uint64_t now_ms);

/* Jobs that wait for a connection, or for the next attempt. */
extern size_t mover_waiting(const Mover *mover);

#endif /* GATEWAY_JOURNEY_MOVER_H */
