/*
 * journey.c: holds a user's requests while the user's data is moved
 */
#include "journey/journey.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "journey/flight.h"
#include "journey/hold.h"
#include "journey/outcome.h"
#include "roster/watch.h"
#include "user/decide.h"
#include "user/redact.h"

#define BUCKETS_AT_FIRST 1024
#define STREAM_PATIENCE_MS 60000
#define PATIENCE_LEASES 2 /* held requests wait for a lease for this many times stale_after_ms */
#define POSTPONE_MS 1000  /* after a move that did not come about */

typedef enum JourneyPhase
{
	JOURNEY_RESTING,
	JOURNEY_WAITING, /* the journey is in the list of waiting journeys */
	JOURNEY_DRAINING,
	JOURNEY_MOVING
} JourneyPhase;

typedef struct Journey
{
	struct Journey *next; /* in the same bucket */
	Journeys	   *journeys;
	JourneyPhase	phase;
	Flights			flights;
	unsigned		pinned;	 /* not 0: not to be freed, in use further up the stack */
	bool			doubted; /* a server said 421: only the move will tell where the data is */
	HoldLine		held;
	LIST_ENTRY(Journey) waiting;
	MoveJob *job;	 /* borrowed; NULL: the mover has not been told yet */
	State	 before; /* state before the move */
	uint64_t drain_deadline_ms;
	uint64_t postponed_until_ms;
	size_t	 uid_length;
	char	 uid[]; /* canonical, zero-terminated */
} Journey;

struct Journeys
{
	Loop	 *loop;
	Watch	 *watch;
	Mover	 *mover;
	HashKey	  key;
	size_t	  bucket_count; /* a power of two */
	size_t	  count;
	size_t	  moving;
	size_t	  streams;
	HoldQueue queue;
	bool	  sweeping; /* only the sweep frees journeys or moves them to other buckets */
	Journey **buckets;
	LIST_HEAD(, Journey) waiting;
};

static void go_on(Journey *journey);
static void release_held(Journey *journey, Side side, bool known);
static void route_user(Journey *journey, Traveller *traveller);
static void on_moved(void *context, const MoveResult *result);
static void rest_if_empty(Journey *journey);

Journeys *
journeys_new(Loop *loop, Watch *watch, Mover *mover)
{
	Journeys *journeys = memory_zeroed(sizeof(*journeys));

	journeys->loop = loop;
	journeys->watch = watch;
	journeys->mover = mover;
	journeys->key = hash_key_random();
	journeys->bucket_count = BUCKETS_AT_FIRST;
	journeys->buckets = memory_zeroed(BUCKETS_AT_FIRST * sizeof(Journey *));
	return journeys;
}

void
journeys_free(Journeys *journeys)
{
	for (size_t i = 0; i < journeys->bucket_count; i++)
	{
		while (journeys->buckets[i] != NULL)
		{
			Journey *journey = journeys->buckets[i];

			journeys->buckets[i] = journey->next;
			free(journey);
		}
	}
	free(journeys->buckets);
	free(journeys);
}

size_t
journeys_moving(const Journeys *journeys)
{
	return journeys->moving;
}

size_t
journeys_held(const Journeys *journeys)
{
	return journeys->queue.count;
}

size_t
journeys_streams(const Journeys *journeys)
{
	return journeys->streams;
}

static size_t
bucket_for(const Journeys *journeys, const char *uid, size_t length)
{
	return (size_t) hash_bytes(journeys->key, uid, length) & (journeys->bucket_count - 1);
}

static void
grow(Journeys *journeys)
{
	Journey **old = journeys->buckets;
	size_t	  old_count = journeys->bucket_count;

	journeys->bucket_count *= 2;
	journeys->buckets = memory_zeroed(journeys->bucket_count * sizeof(Journey *));
	for (size_t i = 0; i < old_count; i++)
	{
		Journey *next;

		for (Journey *journey = old[i]; journey != NULL; journey = next)
		{
			size_t at = bucket_for(journeys, journey->uid, journey->uid_length);

			next = journey->next;
			journey->next = journeys->buckets[at];
			journeys->buckets[at] = journey;
		}
	}
	free(old);
}

/* Return the user's journey. Begin it if there is none. */
static Journey *
find_or_begin(Journeys *journeys, const Uid *uid)
{
	size_t	 at = bucket_for(journeys, uid->bytes, uid->length);
	Journey *journey;

	for (journey = journeys->buckets[at]; journey != NULL; journey = journey->next)
	{
		if (journey->uid_length == uid->length && memcmp(journey->uid, uid->bytes, uid->length) == 0)
			return journey;
	}
	if (journeys->count++ >= journeys->bucket_count && !journeys->sweeping)
	{
		grow(journeys);
		at = bucket_for(journeys, uid->bytes, uid->length);
	}
	journey = memory_zeroed(sizeof(*journey) + uid->length + 1);
	journey->journeys = journeys;
	hold_line_init(&journey->held);
	journey->uid_length = uid->length;
	memcpy(journey->uid, uid->bytes, uid->length);
	journey->next = journeys->buckets[at];
	journeys->buckets[at] = journey;
	return journey;
}

static void
free_if_done(Journey *journey, uint64_t now_ms)
{
	Journeys *journeys = journey->journeys;
	Journey **link;

	if (journey->pinned > 0 || journey->flights.count > 0 || journey->held.count > 0 ||
		journey->phase != JOURNEY_RESTING || journey->postponed_until_ms > now_ms)
		return;
	link = &journeys->buckets[bucket_for(journeys, journey->uid, journey->uid_length)];
	while (*link != journey)
		link = &(*link)->next;
	*link = journey->next;
	journeys->count--;
	free(journey);
}

/*
 * Free a journey that nobody needs any more. While a sweep looks at all journeys, freeing is
 * left to the sweep.
 */
static void
end_if_done(Journey *journey, uint64_t now_ms)
{
	if (!journey->journeys->sweeping)
		free_if_done(journey, now_ms);
}

static Span
uid_of(const Journey *journey)
{
	return (Span){journey->uid, journey->uid_length};
}

static void
count_in(Journey *journey, Traveller *traveller)
{
	traveller->journey = journey;
	flights_add(&journey->flights, traveller);
}

static void
go(Traveller *traveller, Side side)
{
	traveller->handlers->go(traveller->owner, side);
}

static void
fail(Traveller *traveller, const char *text)
{
	traveller->handlers->fail(traveller->owner, 503, text);
}

static void
send_to(Journey *journey, Traveller *traveller, Side side)
{
	count_in(journey, traveller);
	go(traveller, side);
}

static void
hold(Journey *journey, Traveller *traveller)
{
	Journeys *journeys = journey->journeys;

	traveller->journey = journey;
	hold_add(&journeys->queue, &journey->held, traveller,
			 clock_now_ms() + journeys->loop->settings->hold_timeout_ms);
}

static void
stop_holding(Journey *journey, Traveller *traveller)
{
	hold_remove(&journey->journeys->queue, &journey->held, traveller);
}

/* Treat a request that was with a server like a request that has just come. */
static void
come_again(Traveller *traveller)
{
	Journey *journey = traveller->journey;

	flights_remove(&journey->flights, traveller);
	traveller->journey = NULL;
	traveller->handlers->take_back(traveller->owner);
	route_user(journey, traveller);
}

/*
 * End the requests in flight that are not waited for. Requests that went to the right side stay
 * (NULL: no request stays).
 */
static void
end_lasting(Journey *journey, uint64_t patience_ms, const Side *right_side)
{
	FlightsEnd end = {
		.patience_ms = patience_ms,
		.right_side = right_side,
		.why = right_side != NULL ? "the data of its user has moved" : "its user is to be moved",
		.again = come_again,
	};

	journey->pinned++;
	flights_end(&journey->flights, &end);
	journey->pinned--;
}

static void
begin_move(Journey *journey)
{
	unsigned drain_ms = journey->journeys->loop->settings->drain_timeout_ms;

	if (journey->phase != JOURNEY_RESTING)
		return;
	journey->phase = JOURNEY_DRAINING;
	journey->drain_deadline_ms = clock_now_ms() + drain_ms;
	journey->journeys->moving++;
	end_lasting(journey, drain_ms, NULL);
	go_on(journey);
}

/* Go from draining to moving, when no request is in flight or draining took too long. */
static void
go_on(Journey *journey)
{
	Journeys *journeys = journey->journeys;
	bool	  listed;

	if (journey->phase != JOURNEY_DRAINING)
		return;
	if (journey->flights.count > 0 && clock_now_ms() < journey->drain_deadline_ms)
		return;
	journey->phase = JOURNEY_MOVING;
	end_lasting(journey, 0, NULL);
	if (journey->phase != JOURNEY_MOVING)
		return; /* a request that came again found no room to wait, and so the move was put off */
	if (journey->flights.count > 0)
		log_info("user %s: %u requests still in flight, moving anyway",
				 redact_uid(journey->uid, journey->uid_length), journey->flights.count);
	roster_find(watch_roster(journeys->watch), uid_of(journey), &journey->before, &listed);
	journey->job = mover_submit(journeys->mover, journey->uid, journey->doubted, on_moved, journey);
}

/*
 * Return the side with the user's data, as far as the roster knows. A request of a user who
 * can't be moved just now goes there.
 */
static Side
side_of_data(const Journey *journey)
{
	Roster *roster = watch_roster(journey->journeys->watch);
	State	state;
	bool	listed;

	roster_find(roster, uid_of(journey), &state, &listed);
	return state_serving_side(state, roster_release(roster)->stuck_side);
}

/* With a roster from a file: may the user have been moved since the file was written? */
static bool
in_doubt(const Journey *journey)
{
	Roster		  *roster = watch_roster(journey->journeys->watch);
	const Release *release = roster_release(roster);
	State		   state;
	bool		   listed;

	roster_find(roster, uid_of(journey), &state, &listed);
	return decide_route(state, decide_want(release, uid_of(journey), listed),
						release->stuck_side) == ROUTE_MOVE;
}

/*
 * Does the user have to wait? Without a lease nobody knows whose data has moved. But a release
 * at rest moves nobody.
 */
static bool
must_wait(const Journey *journey)
{
	const Watch *watch = journey->journeys->watch;

	if (!watch_loaded(watch))
		return in_doubt(journey);
	if (!watch_has_lease(watch) && !roster_at_rest(watch_roster(journey->journeys->watch)))
		return true;
	return watch_announced(watch, uid_of(journey));
}

static Route
decide(Journey *journey)
{
	Journeys	  *journeys = journey->journeys;
	Roster		  *roster = watch_roster(journeys->watch);
	const Release *release = roster_release(roster);
	State		   state;
	bool		   listed;
	Route		   route;

	if (must_wait(journey))
		return ROUTE_WAIT;
	roster_find(roster, uid_of(journey), &state, &listed);
	route = decide_route(state, decide_want(release, uid_of(journey), listed), release->stuck_side);
	if (route != ROUTE_MOVE)
		return route;
	if (!journeys->loop->stopping && watch_connected(journeys->watch) &&
		clock_now_ms() >= journey->postponed_until_ms)
		return ROUTE_MOVE;
	return side_of_data(journey) == SIDE_GRAY ? ROUTE_GRAY : ROUTE_PRODUCTION;
}

/*
 * Has the database been away for too long? A long absence will go on, and requests are not to
 * hang.
 */
static bool
is_cut_off(const Journeys *journeys)
{
	return !watch_loaded(journeys->watch) ||
		   watch_lease_over_ms(journeys->watch) >
			   PATIENCE_LEASES * (uint64_t) journeys->loop->settings->stale_after_ms;
}

static void
fail_cut_off(Traveller *traveller)
{
	fail(traveller, "the database is out of reach, and the user may have been moved");
}

/*
 * Wait until another gateway has moved the user, or until this gateway has a lease:
 * journeys_reconsider ends it.
 */
static void
wait_for_others(Journey *journey)
{
	if (journey->phase == JOURNEY_WAITING)
		return;
	journey->phase = JOURNEY_WAITING;
	LIST_INSERT_HEAD(&journey->journeys->waiting, journey, waiting);
}

static void
rest_if_empty(Journey *journey)
{
	if (journey->phase != JOURNEY_WAITING || hold_first(&journey->held) != NULL)
		return;
	journey->phase = JOURNEY_RESTING;
	LIST_REMOVE(journey, waiting);
}

/*
 * Put off the user's move. Held requests go where the data is, and the next request may begin
 * the move anew. Return false if the database has been asked, or if only the move will tell
 * where the data is.
 */
static bool
put_off(Journey *journey)
{
	Journeys *journeys = journey->journeys;

	if (journey->doubted || journey->phase == JOURNEY_WAITING || must_wait(journey))
		return false;
	if (journey->job != NULL && !mover_withdraw(journeys->mover, journey->job))
		return false;
	journey->job = NULL;
	journeys->moving -= journey->phase != JOURNEY_RESTING;
	journey->phase = JOURNEY_RESTING;
	outcome_put_off(journeys->loop, journeys_held(journeys), mover_waiting(journeys->mover));
	release_held(journey, side_of_data(journey), true);
	return true;
}

/* Has the move begun, so that requests can't go to the side that had the data before? */
static bool
has_begun(const Journey *journey)
{
	return journey->doubted || (journey->job != NULL && !mover_waits(journey->job));
}

static HoldRoom
room_of(const Journey *journey)
{
	const Journeys *journeys = journey->journeys;

	return hold_room(&journeys->queue, &journey->held, journeys->loop->settings, has_begun(journey));
}

/*
 * Hold a request, and begin the move, if there is room for both. Otherwise the request goes
 * where the data is, unless the move has begun. Too many requests of one user are refused: if
 * they were passed, the user would never be moved.
 */
static void
hold_or_pass(Journey *journey, Traveller *traveller)
{
	const Mover *mover = journey->journeys->mover;
	HoldRoom	 room = room_of(journey);

	if (room == HOLD_ROOM && (journey->phase != JOURNEY_RESTING || mover_admits(mover)))
	{
		hold(journey, traveller);
		begin_move(journey);
	}
	else if (room == HOLD_LINE_FULL)
		fail(traveller, "too many requests of the user wait for it to be moved");
	else if (has_begun(journey) || !put_off(journey))
		fail(traveller, "too many requests wait for users to be moved");
	else
		send_to(journey, traveller, side_of_data(journey));
}

static void
hold_for_others(Journey *journey, Traveller *traveller)
{
	if (is_cut_off(journey->journeys))
		fail_cut_off(traveller);
	else if (room_of(journey) != HOLD_ROOM)
		fail(traveller, "too many requests wait for users to be moved");
	else
	{
		hold(journey, traveller);
		wait_for_others(journey);
	}
}

static void
route_user(Journey *journey, Traveller *traveller)
{
	bool  deciding = journey->phase == JOURNEY_RESTING || journey->phase == JOURNEY_WAITING;
	Route route = deciding ? decide(journey) : ROUTE_MOVE;

	if (route == ROUTE_WAIT)
		hold_for_others(journey, traveller);
	else if (route == ROUTE_MOVE)
		hold_or_pass(journey, traveller);
	else
		send_to(journey, traveller, route == ROUTE_GRAY ? SIDE_GRAY : SIDE_PRODUCTION);
}

void
journey_route(Journeys *journeys, Traveller *traveller, Uid *uid)
{
	Roster	*roster = watch_roster(journeys->watch);
	Journey *journey;

	if (roster == NULL && journeys->loop->settings->without_roster == WITHOUT_ROSTER_PRODUCTION)
	{
		go(traveller, SIDE_PRODUCTION);
		return;
	}
	if (roster == NULL)
	{
		fail(traveller, "the database has not been reached yet");
		return;
	}
	if (roster_uid_type(roster) == UID_UNKNOWN)
	{
		/* Without the release, or without tables in it, all data is in production. */
		go(traveller, SIDE_PRODUCTION);
		return;
	}
	if (!uid_canonical(roster_uid_type(roster), uid))
	{
		log_info("client %s: uid %s is not of the release's type: production", traveller->client,
				 redact_uid(uid->bytes, uid->length));
		go(traveller, SIDE_PRODUCTION);
		return;
	}
	traveller->handlers->of_user(traveller->owner, (Span){uid->bytes, uid->length});
	journey = find_or_begin(journeys, uid);
	journey->pinned++;
	route_user(journey, traveller);
	journey->pinned--;
	end_if_done(journey, clock_now_ms());
}

void
journey_leave(Traveller *traveller)
{
	Journey *journey = traveller->journey;

	if (journey == NULL)
		return;
	if (traveller->held)
		stop_holding(journey, traveller);
	if (traveller->counted)
		flights_remove(&journey->flights, traveller);
	traveller->journey = NULL;
	rest_if_empty(journey);
	go_on(journey);
	end_if_done(journey, clock_now_ms());
}

Span
journey_uid(const Traveller *traveller)
{
	return traveller->journey != NULL ? uid_of(traveller->journey) : (Span){"", 0};
}

/* Give a request in flight to another user's journey than the one it seemed to belong to. */
static void
change_journey(Traveller *traveller, Journey *journey)
{
	if (traveller->journey == journey)
		return;
	journey_leave(traveller);
	count_in(journey, traveller);
}

void
journey_named(Journeys *journeys, Traveller *traveller, const Uid *uid)
{
	change_journey(traveller, find_or_begin(journeys, uid));
}

void
journey_heard(Journeys *journeys, Traveller *traveller, const Uid *uid)
{
	Journey *journey = find_or_begin(journeys, uid);

	journey->pinned++;
	if (side_of_data(journey) == traveller->side)
		change_journey(traveller, journey);
	if (journey->phase == JOURNEY_RESTING && decide(journey) == ROUTE_MOVE)
		begin_move(journey);
	journey->pinned--;
	end_if_done(journey, clock_now_ms());
}

bool
journey_knows_elsewhere(const Traveller *traveller, Side *side)
{
	Journey *journey = traveller->journey;
	Route	 route;

	if (journey->phase != JOURNEY_RESTING)
		return false;
	route = decide(journey);
	*side = route == ROUTE_GRAY ? SIDE_GRAY : SIDE_PRODUCTION;
	return (route == ROUTE_GRAY || route == ROUTE_PRODUCTION) && *side != traveller->side;
}

bool
journey_may_ask(const Traveller *traveller)
{
	const Journey *journey = traveller->journey;

	return journey != NULL && watch_connected(journey->journeys->watch) &&
		   clock_now_ms() >= journey->postponed_until_ms &&
		   hold_room(&journey->journeys->queue, &journey->held, journey->journeys->loop->settings,
					 true) == HOLD_ROOM;
}

void
journey_misdirected(Traveller *traveller)
{
	Journey *journey = traveller->journey;

	flights_remove(&journey->flights, traveller);
	traveller->misdirected = true;
	journey->doubted = true;
	hold(journey, traveller);
	begin_move(journey);
	go_on(journey);
}

bool
journey_may_move(const Traveller *traveller)
{
	const Journey *journey = traveller->journey;
	Roster		  *roster;
	State		   state;
	bool		   listed;

	if (journey == NULL)
		return false;
	roster = watch_roster(journey->journeys->watch);
	roster_find(roster, uid_of(journey), &state, &listed);
	return roster_release(roster)->is_open || state != STATE_OFF;
}

/* Let the held requests go on. Meanwhile new requests may come, and may even be held again. */
static void
release_held(Journey *journey, Side side, bool known)
{
	Traveller *last = hold_last(&journey->held);
	Traveller *traveller;

	while (last != NULL && (traveller = hold_first(&journey->held)) != NULL)
	{
		if (traveller == last)
			last = NULL;
		stop_holding(journey, traveller);
		count_in(journey, traveller);
		if (traveller->misdirected)
		{
			traveller->misdirected = false;
			traveller->handlers->told(traveller->owner, side, known);
		}
		else
			go(traveller, side);
	}
}

/* Handle a move's result. The mover never calls this from within mover_submit. */
static void
on_moved(void *context, const MoveResult *result)
{
	Journey	 *journey = context;
	Journeys *journeys = journey->journeys;
	Side	  side;

	/* The job's turn did not come, and a server has said 421 since it was submitted. */
	if (result->put_off && journey->doubted)
	{
		journey->job = mover_submit(journeys->mover, journey->uid, true, on_moved, journey);
		return;
	}
	journey->job = NULL;
	journey->doubted = false;
	journey->phase = JOURNEY_RESTING;
	journeys->moving--;
	if (result->put_off)
	{
		side = side_of_data(journey);
		outcome_put_off(journeys->loop, journeys_held(journeys), mover_waiting(journeys->mover));
	}
	else if (result->known)
	{
		journey->postponed_until_ms = 0;
		watch_told(journeys->watch, uid_of(journey), result->state, result->transaction,
				   result->mark);
		outcome_known(journeys->loop, uid_of(journey), result, journey->before);
		side = result->side;
	}
	else
	{
		side = side_of_data(journey);
		journey->postponed_until_ms = clock_now_ms() + POSTPONE_MS;
		outcome_postponed(journeys->loop, uid_of(journey), result->problem, side);
	}
	journey->pinned++;
	if (must_wait(journey) && hold_first(&journey->held) != NULL)
		wait_for_others(journey);
	else
		release_held(journey, side, result->known);
	journey->pinned--;
	end_if_done(journey, clock_now_ms());
}

static bool
holds_misdirected(const Journey *journey)
{
	const Traveller *held = hold_first(&journey->held);

	while (held != NULL && !held->misdirected)
		held = TAILQ_NEXT(held, held_entry);
	return held != NULL;
}

/*
 * Decide anew on a waiting user. A misdirected request needs the database: only the database
 * can say where the request belongs.
 */
static void
reconsider(Journey *journey)
{
	Route route = decide(journey);

	if (route == ROUTE_WAIT)
		return;
	LIST_REMOVE(journey, waiting);
	journey->phase = JOURNEY_RESTING;
	journey->pinned++;
	journey->doubted = holds_misdirected(journey);
	if (route == ROUTE_MOVE || journey->doubted)
		begin_move(journey);
	else
		release_held(journey, route == ROUTE_GRAY ? SIDE_GRAY : SIDE_PRODUCTION, true);
	journey->pinned--;
	end_if_done(journey, clock_now_ms());
}

void
journeys_reconsider(Journeys *journeys)
{
	Journey *next;

	for (Journey *journey = LIST_FIRST(&journeys->waiting); journey != NULL; journey = next)
	{
		next = LIST_NEXT(journey, waiting);
		reconsider(journey);
	}
}

/* Fail the requests that were held while there was hope. */
static void
fail_held(Journey *journey)
{
	journey->pinned++;
	while (journey->phase == JOURNEY_WAITING && hold_first(&journey->held) != NULL)
		fail_cut_off(hold_first(&journey->held));
	journey->pinned--;
	end_if_done(journey, clock_now_ms());
}

static void
sweep_waiting(Journeys *journeys)
{
	Journey *next;

	if (!is_cut_off(journeys))
		return;
	for (Journey *journey = LIST_FIRST(&journeys->waiting); journey != NULL; journey = next)
	{
		next = LIST_NEXT(journey, waiting);
		if (!watch_has_lease(journeys->watch))
			fail_held(journey);
	}
}

/*
 * May a move begin for the sake of a stream? A move that did not come about is tried again for
 * a stream alone only after a while.
 */
static bool
move_due(const Journey *journey, uint64_t now_ms)
{
	return mover_admits(journey->journeys->mover) &&
		   (journey->postponed_until_ms == 0 ||
			now_ms > journey->postponed_until_ms + STREAM_PATIENCE_MS);
}

/*
 * End the requests that last when a new request of their user would go elsewhere. Their clients
 * come again.
 */
static void
sweep_streams(Journey *journey, uint64_t now_ms)
{
	Journeys *journeys = journey->journeys;
	unsigned  patience_ms = journeys->loop->settings->drain_timeout_ms;
	Route	  route;
	Side	  right_side;

	if (!flights_last(&journey->flights, patience_ms, &journeys->streams) ||
		journey->phase == JOURNEY_MOVING || must_wait(journey))
		return;
	route = journey->phase == JOURNEY_RESTING ? decide(journey) : ROUTE_MOVE;
	if (journey->phase == JOURNEY_DRAINING || (route == ROUTE_MOVE && move_due(journey, now_ms)))
	{
		end_lasting(journey, patience_ms, NULL);
		return;
	}
	right_side = side_of_data(journey);
	if (route != ROUTE_MOVE)
		right_side = route == ROUTE_GRAY ? SIDE_GRAY : SIDE_PRODUCTION;
	end_lasting(journey, patience_ms, &right_side);
}

static void
sweep_held(Journey *journey, uint64_t now_ms)
{
	Traveller *first;

	while ((first = hold_first(&journey->held)) != NULL && now_ms > first->hold_deadline_ms)
	{
		if (!put_off(journey))
			fail(first, "the user is being moved, and that takes too long");
	}
}

void
journeys_sweep(Journeys *journeys, uint64_t now_ms)
{
	sweep_waiting(journeys);
	journeys->streams = 0;
	journeys->sweeping = true;
	for (size_t i = 0; i < journeys->bucket_count; i++)
	{
		Journey *next;

		for (Journey *journey = journeys->buckets[i]; journey != NULL; journey = next)
		{
			next = journey->next;
			go_on(journey);
			journey->pinned++;
			sweep_streams(journey, now_ms);
			sweep_held(journey, now_ms);
			journey->pinned--;
			free_if_done(journey, now_ms);
		}
	}
	journeys->sweeping = false;
}

/* Call off a move that has not begun. It is left to the next process. */
static void
call_off(Journey *journey)
{
	if (journey->phase != JOURNEY_DRAINING)
		return;
	journey->phase = JOURNEY_RESTING;
	journey->journeys->moving--;
}

void
journeys_stop(Journeys *journeys, bool patient)
{
	uint64_t now_ms = clock_now_ms();

	journeys->sweeping = true;
	for (size_t i = 0; i < journeys->bucket_count; i++)
	{
		Journey *next;

		for (Journey *journey = journeys->buckets[i]; journey != NULL; journey = next)
		{
			next = journey->next;
			journey->pinned++;
			call_off(journey);
			while (hold_first(&journey->held) != NULL &&
				   !(patient && journey->phase == JOURNEY_MOVING))
				fail(hold_first(&journey->held), "the gateway is stopping");
			journey->pinned--;
			free_if_done(journey, now_ms);
		}
	}
	journeys->sweeping = false;
}
