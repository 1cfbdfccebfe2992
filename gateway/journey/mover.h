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
	bool		put_off; /* the database was not asked: the job's turn did not come in time */
	Side		side;
	State		state;
	uint64_t	transaction; /* that moved the user; 0: no move was needed */
	FollowMark	mark;		 /* from before the database was asked */
	const char *problem;	 /* why neither holds; borrowed for the call */
} MoveResult;

typedef void (*MoveDone)(void *context, const MoveResult *result);

extern Mover *mover_new(Loop *loop, Watch *watch);

/* Free the mover. Open jobs are forgotten, and their done is not called. */
extern void mover_free(Mover *mover);

/*
 * Ask gray_route for a user, and again a few times after an error that time cures. done is
 * called once, from the loop. The job is valid until then. must: the job waits for its turn,
 * however long that takes. Other jobs are put off after move_wait_ms.
 */
extern MoveJob *mover_submit(Mover *mover, const char *uid, bool must, MoveDone done, void *context);

/* Does the job still wait for its turn, and may it be put off? */
extern bool mover_waits(const MoveJob *job);

/*
 * Take a job back, without a call of done. Return false, and do nothing, if the job must be
 * done or the database has been asked.
 */
extern bool mover_withdraw(Mover *mover, MoveJob *job);

/* Would a move that is submitted now have its turn in time? */
extern bool mover_admits(const Mover *mover);

extern void mover_sweep(Mover *mover, uint64_t now_ms);

/* Return how many jobs wait for a connection, or for the next attempt. */
extern size_t mover_waiting(const Mover *mover);

#endif /* GATEWAY_JOURNEY_MOVER_H */
