/*
 * journey.h: holds a user's requests while the user's data is moved
 *
 * A user has a journey while requests are in flight or held, or while no new move is tried for a
 * moment after a move that did not come about. Phases:
 *
 *   resting   requests go straight to the side that the roster says
 *   waiting   the side is not known: another gateway is about to move the user, or there is no
 *             lease (lease.h). Requests are held
 *   draining  the data is not where it is wanted, or a server said 421. New requests are held.
 *             Requests in flight are waited for, but not for ever, and not if they last (stream.h)
 *   moving    gray_route is being called. Then the held requests go to the side that it says
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

/* Look at the waiting users again: the roster was read anew, or the lease has changed. */
extern void journeys_reconsider(Journeys *journeys);
/*
 * Begin no more moves, since the process is stopping, and answer held requests with 503.
 * patient: do not fail the held requests of users who are being moved.
 */
extern void journeys_stop(Journeys *journeys, bool patient);

/* How many users are being moved, and how many requests wait for moves. */
extern size_t journeys_moving(const Journeys *journeys);
extern size_t journeys_held(const Journeys *journeys);

/* How many answers in flight last (stream.h), as of the last sweep. */
extern size_t journeys_streams(const Journeys *journeys);

/* Send the traveller on its way, hold it, or fail it. uid is as the request has it. */
extern void journey_route(Journeys *journeys, Traveller *traveller, Uid *uid);

/*
 * Handle the name of a user that a server gave. uid is canonical, and the type of uids is
 * known.
 *
 * journey_named: the name came in a 421 that is not passed on yet. The request is this user's
 * from now on.
 *
 * journey_heard: the name came in any other answer. The request becomes this user's if it went
 * where the user's data is, and a move that is due begins.
 */
extern void journey_named(Journeys *journeys, Traveller *traveller, const Uid *uid);
extern void journey_heard(Journeys *journeys, Traveller *traveller, const Uid *uid);

/*
 * Return the user whose request it is; empty: nobody's. Valid as long as the traveller has a
 * journey.
 */
extern Span journey_uid(const Traveller *traveller);

/* Does it make sense to ask gray_route for the traveller's user now? */
extern bool journey_may_ask(const Traveller *traveller);

/*
 * Does the roster say that the traveller's user is on another side than the traveller went to?
 * If so, side is set.
 */
extern bool journey_knows_elsewhere(const Traveller *traveller, Side *side);

/*
 * Hold a traveller whose server said 421, ask gray_route, and then call the handler "told"
 * (traveller.h).
 */
extern void journey_misdirected(Traveller *traveller);

/*
 * May the traveller's user be moved while the traveller is on its way? Not while the release is
 * closed and the user is off.
 */
extern bool journey_may_move(const Traveller *traveller);

/* Take out a traveller that is over, or is not to be held any more. */
extern void journey_leave(Traveller *traveller);

#endif /* GATEWAY_JOURNEY_JOURNEY_H */
