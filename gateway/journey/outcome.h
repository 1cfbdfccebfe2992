/*
 * outcome.h: counts and logs what became of users' moves
 */
#ifndef GATEWAY_JOURNEY_OUTCOME_H
#define GATEWAY_JOURNEY_OUTCOME_H

#include "base/span.h"
#include "journey/mover.h"

/* The database's answer; before: the state of the user as it was known. */
extern void outcome_known(Loop *loop, Span uid, const MoveResult *result, State before);

/* It did not come about; requests go to that side. */
extern void outcome_postponed(Loop *loop, Span uid, const char *problem, Side side);

/* There was no room to wait for it: so many requests are held, and so many moves wait. */
extern void outcome_put_off(Loop *loop, size_t held, size_t waiting);

#endif /* GATEWAY_JOURNEY_OUTCOME_H */
