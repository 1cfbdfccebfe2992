/*
 * outcome.h: counts and logs the outcomes of users' moves
 */
#ifndef GATEWAY_JOURNEY_OUTCOME_H
#define GATEWAY_JOURNEY_OUTCOME_H

#include "base/span.h"
#include "journey/mover.h"

/* Note the database's answer. before: the user's state as it was known. */
extern void outcome_known(Loop *loop, Span uid, const MoveResult *result, State before);

/* Note a move that did not come about; the user's requests go to this side. */
extern void outcome_postponed(Loop *loop, Span uid, const char *problem, Side side);

/* Note a move that was put off for lack of room. held: held requests; waiting: waiting moves. */
extern void outcome_put_off(Loop *loop, size_t held, size_t waiting);

#endif /* GATEWAY_JOURNEY_OUTCOME_H */
