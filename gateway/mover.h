/*
 * mover.h: calls gray_route on a few connections of its own
 */
#ifndef MOVER_H
#define MOVER_H

#include "state.h"
#include "watch.h"
#include "worker.h"

typedef struct Mover Mover;

typedef struct MoveResult
{
	bool		known; /* side and state are the database's answer */
	Side		side;
	State		state;
	uint64_t	transaction; /* in which the user was moved; 0: none was needed */
	FollowMark	mark;		 /* of before it was asked */
	const char *problem;	 /* if not known: why; borrowed for the call */
} MoveResult;

typedef void (*MoveDone)(void *context, const MoveResult *result);

extern Mover *mover_new(Worker *worker);

/* Open jobs are forgotten; their done is not called. */
extern void mover_free(Mover *mover);

/*
 * Asks gray_route for a user, and again a few times when the answer is that
 * time will cure it.  done is called once, from the loop.
 */
extern void mover_submit(Mover *mover, const char *uid, MoveDone done, void *context);

extern void mover_sweep(Mover *mover, uint64_t now_ms);

/* Jobs that wait for a connection, or for the next attempt. */
extern size_t mover_waiting(const Mover *mover);

#endif /* MOVER_H */
