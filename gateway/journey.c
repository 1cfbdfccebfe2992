/*
 * journey.c: what a user's requests go through: hold, drain, move, go
 */
#include "journey.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "decide.h"
#include "hash.h"
#include "log.h"
#include "memory.h"
#include "redact.h"
#include "tunnel.h"
#include "watch.h"

#define BUCKETS_AT_FIRST 1024
#define TUNNEL_PATIENCE_MS 60000
#define POSTPONE_MS 1000 /* after a move that did not come about */

typedef enum JourneyPhase
{
	JOURNEY_RESTING,
	JOURNEY_DRAINING,
	JOURNEY_MOVING
} JourneyPhase;

typedef struct Journey
{
	struct Journey *next; /* in its bucket */
	Journeys	   *journeys;
	JourneyPhase	phase;
	unsigned		in_flight;
	unsigned		pinned; /* not to be freed: in use further up the stack */
	Exchange	   *first_held;
	Exchange	  **last_held;
	LIST_HEAD(, Tunnel) tunnels; /* among those in flight */
	State	 before;			 /* the move */
	bool	 moved;				 /* the user was, when gray_route was last asked */
	uint64_t drain_deadline_ms;
	uint64_t postponed_until_ms;
	size_t	 uid_length;
	char	 uid[]; /* canonical, zero-terminated */
} Journey;

struct Journeys
{
	Worker	 *worker;
	HashKey	  key;
	size_t	  bucket_count; /* a power of two */
	size_t	  count;
	size_t	  moving;
	size_t	  held;
	Journey **buckets;
};

static void go_on(Journey *journey);
static void on_moved(void *context, const MoveResult *result);

Journeys *
journeys_new(Worker *worker)
{
	Journeys *journeys = memory_zeroed(sizeof(*journeys));

	journeys->worker = worker;
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
	return journeys->held;
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

/* The user's journey, begun if there is none. */
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
	if (journeys->count++ >= journeys->bucket_count)
	{
		grow(journeys);
		at = bucket_for(journeys, uid->bytes, uid->length);
	}
	journey = memory_zeroed(sizeof(*journey) + uid->length + 1);
	journey->journeys = journeys;
	journey->last_held = &journey->first_held;
	journey->uid_length = uid->length;
	memcpy(journey->uid, uid->bytes, uid->length);
	journey->next = journeys->buckets[at];
	journeys->buckets[at] = journey;
	return journey;
}

/* Frees a journey that nobody needs any more. */
static void
end_if_done(Journey *journey, uint64_t now_ms)
{
	Journeys *journeys = journey->journeys;
	Journey **link;

	if (journey->pinned > 0 || journey->in_flight > 0 || journey->first_held != NULL ||
		journey->phase != JOURNEY_RESTING || journey->postponed_until_ms > now_ms)
		return;
	link = &journeys->buckets[bucket_for(journeys, journey->uid, journey->uid_length)];
	while (*link != journey)
		link = &(*link)->next;
	*link = journey->next;
	journeys->count--;
	free(journey);
}

static Span
uid_of(const Journey *journey)
{
	return (Span){journey->uid, journey->uid_length};
}

static void
count_in(Journey *journey, Exchange *exchange)
{
	exchange->journey = journey;
	exchange->counted = true;
	journey->in_flight++;
}

static void
hold(Journey *journey, Exchange *exchange)
{
	Journeys *journeys = journey->journeys;

	exchange->journey = journey;
	exchange->held = true;
	exchange->held_next = NULL;
	exchange->hold_deadline_ms = clock_now_ms() + journeys->worker->settings->hold_timeout_ms;
	*journey->last_held = exchange;
	journey->last_held = &exchange->held_next;
	journeys->held++;
}

static void
stop_holding(Journey *journey, Exchange *exchange)
{
	Exchange **link = &journey->first_held;

	while (*link != exchange)
		link = &(*link)->held_next;
	*link = exchange->held_next;
	if (*link == NULL)
		journey->last_held = link;
	exchange->held = false;
	journey->journeys->held--;
}

static void
close_tunnels(Journey *journey, const char *why)
{
	journey->pinned++;
	while (!LIST_EMPTY(&journey->tunnels))
		tunnel_close(LIST_FIRST(&journey->tunnels), why);
	journey->pinned--;
}

static void
begin_move(Journey *journey)
{
	Worker *worker = journey->journeys->worker;

	if (journey->phase != JOURNEY_RESTING)
		return;
	journey->phase = JOURNEY_DRAINING;
	journey->drain_deadline_ms = clock_now_ms() + worker->settings->drain_timeout_ms;
	journey->journeys->moving++;
	close_tunnels(journey, "its user is to be moved");
	go_on(journey);
}

/* From draining to moving, when nothing is in flight or that took too long. */
static void
go_on(Journey *journey)
{
	Worker *worker = journey->journeys->worker;
	bool	listed;

	if (journey->phase != JOURNEY_DRAINING)
		return;
	if (journey->in_flight > 0)
	{
		if (clock_now_ms() < journey->drain_deadline_ms)
			return;
		log_info("user %s: %u requests still in flight, moving anyway",
				 redact_uid(journey->uid, journey->uid_length), journey->in_flight);
	}
	journey->phase = JOURNEY_MOVING;
	roster_find(watch_roster(worker->watch), uid_of(journey), &journey->before, &listed);
	mover_submit(worker->mover, journey->uid, on_moved, journey);
}

/* Where the user's data is, as far as the roster knows. */
static Side
side_of_data(const Journey *journey)
{
	Roster *roster = watch_roster(journey->journeys->worker->watch);
	State	state;
	bool	listed;

	roster_find(roster, uid_of(journey), &state, &listed);
	return decide_side(state, roster_release(roster)->stuck_side);
}

static Route
decide(Journey *journey)
{
	Worker		  *worker = journey->journeys->worker;
	Roster		  *roster = watch_roster(worker->watch);
	const Release *release = roster_release(roster);
	State		   state;
	bool		   listed;
	Route		   route;

	roster_find(roster, uid_of(journey), &state, &listed);
	route = decide_route(state, decide_want(release, uid_of(journey), listed), release->stuck_side);
	if (route != ROUTE_MOVE)
		return route;
	if (watch_connected(worker->watch) && clock_now_ms() >= journey->postponed_until_ms)
		return ROUTE_MOVE;
	return side_of_data(journey) == SIDE_GRAY ? ROUTE_GRAY : ROUTE_PRODUCTION;
}

static void
route_user(Journey *journey, Exchange *exchange)
{
	Journeys *journeys = journey->journeys;
	Route	  route = journey->phase == JOURNEY_RESTING ? decide(journey) : ROUTE_MOVE;

	if (route != ROUTE_MOVE)
	{
		count_in(journey, exchange);
		exchange_go(exchange, route == ROUTE_GRAY ? SIDE_GRAY : SIDE_PRODUCTION);
		return;
	}
	if (journeys->held >= journeys->worker->settings->hold_limit)
	{
		exchange_fail(exchange, 503, "too many requests wait for users to be moved");
		return;
	}
	hold(journey, exchange);
	begin_move(journey);
}

void
journey_route(Exchange *exchange, Uid *uid)
{
	Worker	*worker = client_worker(exchange->client);
	Roster	*roster = watch_roster(worker->watch);
	Journey *journey;

	if (roster == NULL)
	{
		exchange_fail(exchange, 503, "the database has not been reached yet");
		return;
	}
	if (roster_uid_type(roster) == UID_UNKNOWN)
	{
		/* No such release, or a release without tables: nobody is anywhere else. */
		exchange_go(exchange, SIDE_PRODUCTION);
		return;
	}
	if (!uid_canonical(roster_uid_type(roster), uid))
	{
		log_info("client %s: uid %s is not of the release's type: production",
				 client_peer(exchange->client), redact_uid(uid->bytes, uid->length));
		exchange_go(exchange, SIDE_PRODUCTION);
		return;
	}
	exchange_of_user(exchange, (Span){uid->bytes, uid->length});
	journey = find_or_begin(worker->journeys, uid);
	journey->pinned++;
	route_user(journey, exchange);
	journey->pinned--;
	end_if_done(journey, clock_now_ms());
}

UidType
journey_uid_type(const Worker *worker)
{
	const Roster *roster = watch_roster(worker->watch);

	return roster != NULL ? roster_uid_type(roster) : UID_UNKNOWN;
}

void
journey_leave(Exchange *exchange)
{
	Journey *journey = exchange->journey;

	if (journey == NULL)
		return;
	if (exchange->held)
		stop_holding(journey, exchange);
	if (exchange->counted)
		journey->in_flight--;
	exchange->counted = false;
	exchange->journey = NULL;
	go_on(journey);
	end_if_done(journey, clock_now_ms());
}

Span
journey_uid(const Exchange *exchange)
{
	return exchange->journey != NULL ? uid_of(exchange->journey) : (Span){"", 0};
}

/* A request in flight is another user's than it seemed. */
static void
change_journey(Exchange *exchange, Journey *journey)
{
	if (exchange->journey == journey)
		return;
	journey_leave(exchange);
	count_in(journey, exchange);
}

void
journey_named(Exchange *exchange, const Uid *uid)
{
	change_journey(exchange, find_or_begin(client_worker(exchange->client)->journeys, uid));
}

void
journey_heard(Exchange *exchange, const Uid *uid)
{
	Journey *journey = find_or_begin(client_worker(exchange->client)->journeys, uid);

	journey->pinned++;
	if (side_of_data(journey) == exchange->side)
		change_journey(exchange, journey);
	if (journey->phase == JOURNEY_RESTING && decide(journey) == ROUTE_MOVE)
		begin_move(journey);
	journey->pinned--;
	end_if_done(journey, clock_now_ms());
}

/* Is the user known to be where the exchange did not go yet? */
static bool
known_elsewhere(const Exchange *exchange, Side *side)
{
	Journey *journey = exchange->journey;
	Route	 route;

	if (journey->phase != JOURNEY_RESTING || exchange->went_again)
		return false;
	route = decide(journey);
	*side = route == ROUTE_GRAY ? SIDE_GRAY : SIDE_PRODUCTION;
	return route != ROUTE_MOVE && *side != exchange->side;
}

bool
journey_may_ask(const Exchange *exchange)
{
	const Journey *journey = exchange->journey;
	Side		   side;

	return journey != NULL && (known_elsewhere(exchange, &side) ||
							   (watch_connected(journey->journeys->worker->watch) &&
								clock_now_ms() >= journey->postponed_until_ms));
}

void
journey_misdirected(Exchange *exchange)
{
	Journey *journey = exchange->journey;
	Side	 side;

	if (known_elsewhere(exchange, &side))
	{
		exchange_go_again(exchange, side);
		return;
	}
	exchange->counted = false;
	exchange->misdirected = true;
	journey->in_flight--;
	hold(journey, exchange);
	begin_move(journey);
	go_on(journey);
}

void
journey_refresh(Exchange *exchange)
{
	Side side;

	if (!known_elsewhere(exchange, &side))
		begin_move(exchange->journey);
}

static void
release_misdirected(Journey *journey, Exchange *exchange, Side side)
{
	exchange->misdirected = false;
	count_in(journey, exchange);
	/* Where it was asked before is right only now, if the user was moved there. */
	if (exchange->side == side && !journey->moved)
		exchange_pass_421(exchange);
	else
		exchange_go_again(exchange, side);
}

/* The held requests go on; meanwhile new ones may come and even be held again. */
static void
release_held(Journey *journey, Side side)
{
	Exchange *last = NULL;

	for (Exchange *held = journey->first_held; held != NULL; held = held->held_next)
		last = held;
	while (last != NULL && journey->first_held != NULL)
	{
		Exchange *exchange = journey->first_held;

		if (exchange == last)
			last = NULL;
		stop_holding(journey, exchange);
		if (exchange->misdirected)
			release_misdirected(journey, exchange, side);
		else
		{
			count_in(journey, exchange);
			exchange_go(exchange, side);
		}
	}
}

static void
note_moved(Journey *journey, const MoveResult *result)
{
	Worker	   *worker = journey->journeys->worker;
	const char *uid = redact_uid(journey->uid, journey->uid_length);
	const char *release = worker->settings->release;

	watch_told(worker->watch, uid_of(journey), result->state, result->transaction, result->mark);
	if (result->state == journey->before)
	{
		log_debug("user %s, release %s: state %s as before, requests go to %s", uid, release,
				  state_name(result->state), side_name(result->side));
		return;
	}
	if (result->state == STATE_FAILED || result->state == STATE_STUCK)
	{
		worker->counters.moves_failed++;
		log_error("user %s, release %s: state %s: the move did not succeed; requests go to %s", uid,
				  release, state_name(result->state), side_name(result->side));
		return;
	}
	worker->counters.moves_done++;
	log_info("user %s, release %s: state %s, requests go to %s", uid, release,
			 state_name(result->state), side_name(result->side));
}

/* The database may name the user. */
static void
note_postponed(const Journey *journey, const char *problem, Side side)
{
	Buffer covered = {0};

	redact_text(&covered, span_of(problem), (Span){journey->uid, journey->uid_length});
	log_warning("user %s, release %s: not moved for now: %.*s; requests go to %s",
				redact_uid(journey->uid, journey->uid_length),
				journey->journeys->worker->settings->release, (int) buffer_length(&covered),
				buffer_first(&covered), side_name(side));
	buffer_free(&covered);
}

/* Called by the mover, never from within mover_submit. */
static void
on_moved(void *context, const MoveResult *result)
{
	Journey *journey = context;
	Worker	*worker = journey->journeys->worker;
	Side	 side;

	journey->phase = JOURNEY_RESTING;
	journey->journeys->moving--;
	journey->moved = result->known && result->transaction != 0;
	if (result->known)
	{
		journey->postponed_until_ms = 0;
		note_moved(journey, result);
		side = result->side;
	}
	else
	{
		side = side_of_data(journey);
		journey->postponed_until_ms = clock_now_ms() + POSTPONE_MS;
		worker->counters.moves_postponed++;
		note_postponed(journey, result->problem, side);
	}
	journey->pinned++;
	release_held(journey, side);
	journey->pinned--;
	end_if_done(journey, clock_now_ms());
}

void
journey_tunnel(Tunnel *tunnel)
{
	Journey *journey = tunnel->exchange->journey;

	if (journey == NULL)
		return;
	LIST_INSERT_HEAD(&journey->tunnels, tunnel, entry);
	tunnel->listed = true;
}

/* A move that was put off is not tried again for the sake of a tunnel alone, but after a while. */
static bool
move_due(const Journey *journey, uint64_t now_ms)
{
	return journey->postponed_until_ms == 0 ||
		   now_ms > journey->postponed_until_ms + TUNNEL_PATIENCE_MS;
}

static void
sweep_tunnels(Journey *journey, uint64_t now_ms)
{
	Route	route;
	Tunnel *tunnel;
	Tunnel *next;

	if (LIST_EMPTY(&journey->tunnels) || journey->phase == JOURNEY_MOVING)
		return;
	route = journey->phase == JOURNEY_RESTING ? decide(journey) : ROUTE_MOVE;
	if (journey->phase == JOURNEY_DRAINING || (route == ROUTE_MOVE && move_due(journey, now_ms)))
	{
		close_tunnels(journey, "its user is to be moved");
		return;
	}
	if (route == ROUTE_MOVE)
		route = side_of_data(journey) == SIDE_GRAY ? ROUTE_GRAY : ROUTE_PRODUCTION;
	for (tunnel = LIST_FIRST(&journey->tunnels); tunnel != NULL; tunnel = next)
	{
		next = LIST_NEXT(tunnel, entry);
		if ((tunnel->exchange->side == SIDE_GRAY) != (route == ROUTE_GRAY))
			tunnel_close(tunnel, "the data of its user has moved");
	}
}

void
journeys_sweep(Journeys *journeys, uint64_t now_ms)
{
	for (size_t i = 0; i < journeys->bucket_count; i++)
	{
		Journey *next;

		for (Journey *journey = journeys->buckets[i]; journey != NULL; journey = next)
		{
			next = journey->next;
			go_on(journey);
			journey->pinned++;
			sweep_tunnels(journey, now_ms);
			journey->pinned--;
			end_if_done(journey, now_ms);
		}
	}
}
