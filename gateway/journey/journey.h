/*
 * journey.h: what a user's requests go through: hold, drain, move, go
 *
 * A user has a journey while requests are in flight, held, or while a move
 * is to be left alone for a moment.  Phases:
 *
 *   resting   requests go straight to the side the roster says
 *   waiting   nothing can be said of the user: another gateway is about to move the user, or
 *             there is no lease (lease.h); requests are held
 *   draining  the data is not where it is wanted (or a server said 421): new
 *             requests are held, those in flight are waited for, not for ever
 *             and not those that last (stream.h)
 *   moving    gray_route is being called; then held requests go where it says
 */
#ifndef GATEWAY_JOURNEY_JOURNEY_H
#define GATEWAY_JOURNEY_JOURNEY_H

#include "journey/mover.h"
#include "loop/loop.h"
#include "journey/traveller.h"
#include "user/uid.h"

typedef struct Journeys Journeys;

extern Journeys *journeys_new(Loop *loop, Watch *watch, Mover *mover);
extern void		 journeys_free(Journeys *journeys);
extern void		 journeys_sweep(Journeys *journeys, uint64_t now_ms);

/* What is known has changed: another reading, or another lease. */
extern void journeys_reconsider(Journeys *journeys);
/*
 * The process is stopping: no more moves begin, and held requests are answered 503;
 * patient: but for those whose user is being moved.
 */
extern void journeys_stop(Journeys *journeys, bool patient);

/* How many users are being moved, and how many requests wait for that. */
extern size_t journeys_moving(const Journeys *journeys);
extern size_t journeys_held(const Journeys *journeys);

/* As of the last sweep: answers in flight that last (stream.h). */
extern size_t journeys_streams(const Journeys *journeys);

/* Sends the traveller on its way, holds it, or fails it.  uid is as the request has it. */
extern void journey_route(Journeys *journeys, Traveller *traveller, Uid *uid);

/*
 * A server named the user (uid is canonical; the type of uids is known).  journey_named: in a 421
 * that is not passed on yet, so the request is that user's from now on.  journey_heard: in any
 * other answer; the request becomes that user's if it went where the data is, and a move that
 * is due begins.
 */
extern void journey_named(Journeys *journeys, Traveller *traveller, const Uid *uid);
extern void journey_heard(Journeys *journeys, Traveller *traveller, const Uid *uid);

/* The user whose request it is; empty: nobody's.  Good as long as it has a journey. */
extern Span journey_uid(const Traveller *traveller);

/* Is there a point in asking gray_route for the traveller's user now? */
extern bool journey_may_ask(const Traveller *traveller);

/* Is the traveller's user known to be on the other side than it went to? */
extern bool journey_knows_elsewhere(const Traveller *traveller, Side *side);

/* A server said 421: holds it and asks gray_route, then has it told (traveller.h). */
extern void journey_misdirected(Traveller *traveller);

/* May the traveller's user be moved while it is on its way?  Not while the release is of no use. */
extern bool journey_may_move(const Traveller *traveller);

/* The traveller is over, or is not to be held any more. */
extern void journey_leave(Traveller *traveller);

#endif /* GATEWAY_JOURNEY_JOURNEY_H */
