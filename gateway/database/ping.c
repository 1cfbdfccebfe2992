/*
 * ping.c: checks whether notifications arrive
 */
#include "database/ping.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/memory.h"
#include "database/database.h"

#define PING_MOST_MS 5000
#define TOKEN_BYTES 16

struct Ping
{
	Loop		*loop;
	PingDone	 done;
	void		*context;
	Database	*database;
	bool		 under_way;
	bool		 sent;
	char		 problem[256]; /* "": no problem */
	char		 token[2 * TOKEN_BYTES + 1];
	struct event timer;
};

static void on_ready(void *owner);
static void on_result(void *owner, const PGresult *result);
static void on_done(void *owner);
static void on_lost(void *owner, const char *problem);
static void on_timer(evutil_socket_t fd, short what, void *context);

static const DatabaseHandlers handlers = {
	.ready = on_ready,
	.result = on_result,
	.done = on_done,
	.lost = on_lost,
};

Ping *
ping_new(Loop *loop, PingDone done, void *context)
{
	Ping *ping = memory_zeroed(sizeof(*ping));

	ping->loop = loop;
	ping->done = done;
	ping->context = context;
	ping->database = database_new(loop->base, loop->settings->database, &handlers, ping);
	event_assign(&ping->timer, loop->base, -1, 0, on_timer, ping);
	return ping;
}

void
ping_stop(Ping *ping)
{
	event_del(&ping->timer);
	database_close(ping->database);
	ping->under_way = false;
	ping->sent = false;
}

void
ping_free(Ping *ping)
{
	ping_stop(ping);
	database_free(ping->database);
	free(ping);
}

static void
make_token(Ping *ping)
{
	unsigned char bytes[TOKEN_BYTES];

	if (getentropy(bytes, sizeof(bytes)) < 0)
		abort(); /* the system has no random bytes */
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(ping->token + 2 * i, 3, "%02x", bytes[i]);
}

void
ping_begin(Ping *ping)
{
	struct timeval delay = {.tv_sec = PING_MOST_MS / 1000};

	ping_stop(ping);
	make_token(ping);
	ping->problem[0] = '\0';
	ping->under_way = true;
	event_add(&ping->timer, &delay);
	database_open(ping->database);
}

static void
end(Ping *ping, PingEnd how, const char *problem)
{
	ping_stop(ping);
	ping->done(ping->context, how, problem);
}

void
ping_hear(Ping *ping, Span token)
{
	if (ping->under_way && span_equals(token, ping->token))
		end(ping, PING_HEARD, NULL);
}

static void
on_ready(void *owner)
{
	Ping	   *ping = owner;
	Buffer		payload = {0};
	const char *parameters[1];

	buffer_format(&payload, "%s ping %s", ping->loop->settings->release, ping->token);
	parameters[0] = payload.bytes;
	database_send(ping->database, "SELECT pg_catalog.pg_notify('" PING_CHANNEL "', $1)", 1,
				  parameters, false);
	buffer_free(&payload);
}

static void
on_result(void *owner, const PGresult *result)
{
	Ping	   *ping = owner;
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return;
	snprintf(ping->problem, sizeof(ping->problem), "cannot notify: %s",
			 message != NULL ? message : PQresultErrorMessage(result));
}

static void
on_done(void *owner)
{
	Ping *ping = owner;

	if (ping->problem[0] != '\0')
	{
		end(ping, PING_UNSENT, ping->problem);
		return;
	}
	database_close(ping->database);
	ping->sent = true;
}

static void
on_lost(void *owner, const char *problem)
{
	Ping *ping = owner;

	end(ping, PING_UNSENT, problem);
}

static void
on_timer(evutil_socket_t fd, short what, void *context)
{
	Ping *ping = context;

	(void) fd;
	(void) what;
	end(ping, ping->sent ? PING_UNHEARD : PING_UNSENT, "the connection could not be made in time");
}
