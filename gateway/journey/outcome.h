/*
 * outcome.h: counts and logs what became of users' moves
 */
#ifndef GATEWAY_JOURNEY_OUTCOME_H
#define GATEWAY_JOURNEY_OUTCOME_H

#include "base/span.h"
#include "journey/mover.h"

/* The database's answer; before: the state of the user as it was known. */
extern void outcome_known(Worker *worker, Span uid, const MoveResult *result, State before);

/* It did not come about; requests go to that side. */
extern void outcome_postponed(Worker *worker, Span uid, const char *problem, Side side);

/* There was no room to wait for it: so many requests are held. */
extern void outcome_put_off(Worker *worker, size_t held);

#endif /* GATEWAY_JOURNEY_OUTCOME_H */
