/*
 * client_presence.c: finds out whether a silent client is still there
 *
 * TCP does not tell a client that is gone from a client that only sends no more: both end their
 * direction behind the bytes they sent. An interim answer tells them apart. A client that is
 * there skips it. When a client is gone, its system resets the connection. While a connection
 * is not read, for whatever reason, only resets and ends are watched for.
 */
#include "proxy/client_own.h"

#include <poll.h>

#include "base/clock.h"
#include "base/log.h"
#include "proxy/outbox.h"

#define FIRST_MS 500 /* most answers are there before that, and the client need not be asked */
#define NEXT_MS 5000
#define INTERIM "HTTP/1.1 100 Continue\r\n\r\n"

void
client_left(Client *client)
{
	if (client->exchange != NULL && !client->exchange->answering)
	{
		log_info("client %s: gone before its answer: %s", client->peer,
				 exchange_line(client->exchange));
		client_loop(client)->counters.clients_gone++;
	}
	client_close(client);
}

bool
client_leaves_by_end(const Client *client)
{
	return !client_loop(client)->settings->half_close && client->phase == CLIENT_OPEN &&
		   client->exchange != NULL && !exchange_is_tunnel(client->exchange);
}

void
client_stirred(void *owner, short events)
{
	Client *client = owner;
	bool	shut = client->connection.channel.shut;

	/* With POLLHUP both directions have ended, which is no sign if we ended one of them. */
	if ((events & POLLERR) != 0 || ((events & POLLHUP) != 0 && !shut))
		client_left(client);
	else if ((events & POLLRDHUP) != 0 && client_leaves_by_end(client))
		client_left(client);
}

/* Can the client be asked, and would nothing else tell? */
static bool
doubtful(const Client *client)
{
	const Exchange *exchange = client->exchange;

	return exchange != NULL && !exchange->answering && exchange->client_minor >= 1 &&
		   (client->connection.at_end || exchange->traveller.held);
}

void
client_presence(Client *client, uint64_t now_ms)
{
	/* Writing to a connection tells by itself whether the client is there. */
	if (client->phase != CLIENT_OPEN || client->exchange == NULL || client->connection.armed ||
		client->connection.write_event != NULL)
		return;
	connection_watch(&client->connection);
	if (!doubtful(client))
		return;
	if (client->ask_ms == 0)
		client->ask_ms =
			now_ms + (client->connection.at_end && client->exchange->traveller.held ? 0 : FIRST_MS);
	if (now_ms < client->ask_ms)
		return;
	client->ask_ms = now_ms + NEXT_MS;
	buffer_text(outbox_answer(client->exchange), INTERIM);
	outbox_flush_answer(client->exchange);
	/* The write may have failed at once, if the system knew already. */
	if (client->phase == CLIENT_CLOSED)
		client_loop(client)->counters.clients_gone++;
}
