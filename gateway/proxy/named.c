/*
 * named.c: finds out whose a request without a uid is: a user's whom a server named, or a
 * visitor's
 */
#include "proxy/named.h"

#include "base/log.h"
#include "http/cookie.h"
#include "journey/journey.h"
#include "proxy/pool.h"
#include "roster/watch.h"
#include "user/answer_user.h"

#define TRIES_MOST 4 /* cookies of one name that are tried: each costs a hash for each key */

_Static_assert(UID_MAX_BYTES == REMEMBER_TEXT_MAX, "a user that is remembered is a whole uid");

static const Settings *
settings_of(const Exchange *exchange)
{
	return exchange_loop(exchange)->settings;
}

/* Find the first good value of our cookie in a request. Return false if there is none. */
static bool
recall(const Settings *settings, const Head *head, RememberPurpose purpose, Remembered *remembered)
{
	const char *name = settings->cookies.names[purpose];
	const char *problem;
	Span		value = {NULL, 0};

	for (unsigned i = 0; name != NULL && i < TRIES_MOST && cookie_next(head, name, &value); i++)
	{
		if (remember_verify(&settings->cookies.keys, purpose, settings->release, value, time(NULL),
							remembered, &problem))
			return true;
		log_debug("cookie %s counts as absent: %s", name, problem);
	}
	return false;
}

static unsigned
lifetime_s(const Settings *settings, RememberPurpose purpose)
{
	return purpose == REMEMBER_USER ? settings->remember_s : settings->visitors_s;
}

/* Is half of the value's time over? Then the cookie is given out anew. */
static bool
fades(const Settings *settings, RememberPurpose purpose, const Remembered *remembered)
{
	return remembered->expires < time(NULL) + (time_t) (lifetime_s(settings, purpose) / 2);
}

static bool
find_user(const Settings *settings, const Head *head, Uid *uid)
{
	Remembered remembered;

	if (!recall(settings, head, REMEMBER_USER, &remembered))
		return false;
	uid->length = remembered.length;
	memcpy(uid->bytes, remembered.text, remembered.length + 1);
	return true;
}

/* Are visitors shared out? While the release is closed, nobody goes to gray. */
static bool
share_open(const Exchange *exchange)
{
	Roster *roster = watch_roster(exchange->origin->proxy->watch);

	return settings_of(exchange)->cookies.visitors.hundredths > 0 && roster != NULL &&
		   roster_release(roster)->is_open;
}

static Side
side_of_visitor(Exchange *exchange, const Head *head)
{
	const Settings *settings = settings_of(exchange);
	Remembered		remembered;
	unsigned		position;

	if (!share_open(exchange))
		return SIDE_PRODUCTION;
	if (recall(settings, head, REMEMBER_SIDE, &remembered) && visitor_read(&remembered, &position))
		exchange->gives_position = fades(settings, REMEMBER_SIDE, &remembered);
	else
	{
		position = visitor_draw();
		exchange->gives_position = true;
	}
	exchange->position = (uint16_t) position;
	return visitor_side(&settings->cookies.visitors, position);
}

void
named_start(Exchange *exchange, const Head *head)
{
	Side side;
	Uid	 uid;

	if (find_user(settings_of(exchange), head, &uid))
	{
		journey_route(exchange->origin->proxy->journeys, &exchange->traveller, &uid);
		return;
	}
	exchange->anonymous = true;
	side = side_of_visitor(exchange, head);
	log_debug("client %s: no uid: %s", exchange->origin->peer, side_name(side));
	exchange_go(exchange, side);
}

/*
 * Log a bad X-Gray-User, once as a warning. Somebody has to mend the application; each of its
 * answers would repeat the message.
 */
static void
complain(const Exchange *exchange)
{
	static bool told;

	log_write(told ? LOG_DEBUG : LOG_WARNING,
			  "server %s: X-Gray-User of an answer is no uid of the release, or comes twice: ignored; "
			  "further ones are told at level debug",
			  exchange->upstream->server->address.text);
	told = true;
}

void
named_hear(Exchange *exchange, const Head *answer)
{
	UidType type = exchange_uid_type(exchange);
	Uid		uid;

	if (type == UID_UNKNOWN)
		return;
	switch (answer_user_read(answer, type, &uid))
	{
		case ANSWER_USER_NONE:
		case ANSWER_USER_NOBODY:
			return;
		case ANSWER_USER_BAD:
			complain(exchange);
			return;
		case ANSWER_USER_NAMED:
			break;
	}
	exchange_of_user(exchange, (Span){uid.bytes, uid.length});
	if (answer->status == 421 && !exchange->pass_421)
	{
		exchange->named = true;
		journey_named(exchange->origin->proxy->journeys, &exchange->traveller, &uid);
	}
	else
		journey_heard(exchange->origin->proxy->journeys, &exchange->traveller, &uid);
}

static void
give(const Exchange *exchange, RememberPurpose purpose, Remembered *remembered, Buffer *fields)
{
	const Settings *settings = settings_of(exchange);
	unsigned		seconds = lifetime_s(settings, purpose);
	Buffer			value = {0};

	remembered->expires = time(NULL) + (time_t) seconds;
	remember_sign(&settings->cookies.keys, purpose, settings->release, remembered, &value);
	cookie_set(fields, settings->cookies.names[purpose],
			   (Span){buffer_first(&value), buffer_length(&value)}, seconds,
			   settings->cookie_secure || exchange->origin->secure);
	buffer_free(&value);
}

/* Does the client remember this user already, and for long enough? */
static bool
knows(const Exchange *exchange, Span uid)
{
	const Settings *settings = settings_of(exchange);
	Remembered		remembered;

	return !exchange->anonymous &&
		   recall(settings, exchange_request(exchange), REMEMBER_USER, &remembered) &&
		   span_same(uid, (Span){remembered.text, remembered.length}) &&
		   !fades(settings, REMEMBER_USER, &remembered);
}

static void
give_user(const Exchange *exchange, Span uid, Buffer *fields)
{
	Remembered remembered = {.length = uid.length};

	if (uid.length == 0 || knows(exchange, uid))
		return;
	memcpy(remembered.text, uid.bytes, uid.length);
	give(exchange, REMEMBER_USER, &remembered, fields);
}

/*
 * Append the cookie with the user. The answer may not name a user, though a 421 before it did.
 * This user counts as the client only if nothing else is known of the client.
 */
static void
put_user(const Exchange *exchange, const Head *answer, Buffer *fields)
{
	const Settings *settings = settings_of(exchange);
	const char	   *name = settings->cookies.names[REMEMBER_USER];
	Uid				uid;

	switch (answer_user_read(answer, exchange_uid_type(exchange), &uid))
	{
		case ANSWER_USER_NOBODY:
			cookie_set(fields, name, (Span){"", 0}, 0,
					   settings->cookie_secure || exchange->origin->secure);
			break;
		case ANSWER_USER_NAMED:
			give_user(exchange, (Span){uid.bytes, uid.length}, fields);
			break;
		case ANSWER_USER_NONE:
		case ANSWER_USER_BAD:
			if (exchange->named && exchange->anonymous)
				give_user(exchange, journey_uid(&exchange->traveller), fields);
			break;
	}
}

void
named_cookies(const Exchange *exchange, const Head *answer, Buffer *fields)
{
	Remembered remembered;

	/* A cache would hand the user's cookie out to everybody. */
	if (settings_of(exchange)->cookies.names[REMEMBER_USER] != NULL && !answer_user_public(answer))
		put_user(exchange, answer, fields);
	/* A reload may have turned this off meanwhile. */
	if (!exchange->gives_position || settings_of(exchange)->cookies.names[REMEMBER_SIDE] == NULL)
		return;
	visitor_write(exchange->position, &remembered);
	give(exchange, REMEMBER_SIDE, &remembered, fields);
}
