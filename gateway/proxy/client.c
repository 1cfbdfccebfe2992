/*
 * client.c: the life cycle of a connection from a client
 */
#include "proxy/client_own.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/grave.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/batch.h"
#include "net/tls.h"
#include "proxy/access_log.h"

#define LINGER_MS 2000

static void on_drained(void *owner);
static void on_deaf(void *owner);
static void on_resume(void *owner);
static void on_finished(void *owner, bool keep_alive, bool unread);
static void on_close(void *owner, bool reset);

static const ConnectionHandlers connection_handlers = {
	.readable = client_readable,
	.bytes = client_bytes,
	.drained = on_drained,
	.deaf = on_deaf,
	.stirred = client_stirred,
};

static const OriginHandlers origin_handlers = {
	.resume = on_resume,
	.finished = on_finished,
	.close = on_close,
};

void
client_accept(Proxy *proxy, int fd, const struct sockaddr *peer, const Address *listener)
{
	Client	   *client = memory_zeroed(sizeof(*client));
	Connection *connection = &client->connection;

	client->origin = (Origin){.handlers = &origin_handlers,
							  .owner = client,
							  .proxy = proxy,
							  .connection = connection,
							  .peer = client->peer,
							  .host = client->host,
							  .secure = listener->tls};
	connection_init(connection, proxy->loop, fd, &connection_handlers, client);
	client->named = !listener->proxy;
	client_set_peer(client, peer);
	/* With TLS or a PROXY header before the head, the time for the head begins here. */
	if (listener->proxy || listener->tls)
		client->head_since_ms = connection->active_ms;
	if (listener->tls && client->named)
		connection->channel.ssl = tls_for_client(fd);
	LIST_INSERT_HEAD(&proxy->clients, client, entry);
	proxy->client_count++;
	connection_want_reading(connection, true);
	if (proxy->client_count <= proxy->loop->settings->max_connections)
		return;
	log_warning("client %s: 503: %zu connections are too many", client->peer, proxy->client_count);
	client_refuse(client, 503, "too many connections", 1);
}

static void
release_client(void *thing)
{
	Client *client = thing;

	connection_free(&client->connection);
	free(client);
}

void
client_close(Client *client)
{
	Proxy *proxy = client->origin.proxy;

	if (client->phase == CLIENT_CLOSED)
		return;
	client->phase = CLIENT_CLOSED;
	batch_settle(&client->connection.channel);
	if (client->exchange != NULL)
		exchange_abort(client->exchange);
	client->exchange = NULL;
	connection_close(&client->connection, client->reset);
	LIST_REMOVE(client, entry);
	proxy->client_count--;
	proxy->client_left(proxy->context);
	grave_bury(client, release_client);
}

static void
on_deaf(void *owner)
{
	client_close(owner);
}

static void
on_close(void *owner, bool reset)
{
	Client *client = owner;

	client->reset = client->reset || reset;
	client_close(client);
}

void
client_close_idle(Client *client)
{
	batch_settle(&client->connection.channel);
	if (client->phase == CLIENT_OPEN && client->exchange == NULL && client->head_since_ms == 0 &&
		!connection_blocked(&client->connection))
		client_close(client);
}

/* The last answer is sent: close the connection, or linger for a client that still sends. */
static void
all_sent(Client *client)
{
	Connection *connection = &client->connection;

	if (!client->unread || connection->at_end)
	{
		client_close(client);
		return;
	}
	channel_shut(&connection->channel);
	client->phase = CLIENT_LINGERING;
	connection->active_ms = clock_now_ms();
	connection_want_reading(connection, true);
}

static void
on_drained(void *owner)
{
	Client *client = owner;

	if (client->phase == CLIENT_CLOSING)
		all_sent(client);
	else if (client->exchange != NULL)
		relay_client_drained(client->exchange);
	client_resume(client);
}

static void
on_resume(void *owner)
{
	client_resume(owner);
}

static void
finish(Client *client, bool unread)
{
	batch_settle(&client->connection.channel);
	if (client->phase == CLIENT_CLOSED)
		return;
	client->connection.active_ms = clock_now_ms();
	client->phase = CLIENT_CLOSING;
	client->unread = unread || buffer_length(&client->connection.in) > 0;
	if (!connection_blocked(&client->connection))
		all_sent(client);
	else
		client_settle(client);
}

static void
on_finished(void *owner, bool keep_alive, bool unread)
{
	Client *client = owner;

	client->exchange = NULL;
	if (!keep_alive)
	{
		finish(client, unread);
		return;
	}
	if (client->phase == CLIENT_CLOSED)
		return;
	client->connection.active_ms = clock_now_ms();
	client_resume(client);
}

void
client_refuse(Client *client, unsigned status, const char *text, unsigned retry_after)
{
	access_log_refused(client->host, client_loop(client)->settings->release, status);
	if (!client->named || !channel_ready(&client->connection.channel))
	{
		client_close(client);
		return;
	}
	origin_answer(&client->origin, status, text, false, retry_after, true);
	finish(client, true);
}

Client *
client_next(const Client *client)
{
	return LIST_NEXT(client, entry);
}

static void
time_out_head(Client *client)
{
	static const char text[] = "the request head did not arrive in time";

	log_info("client %s: 408: %s", client->peer, text);
	client_refuse(client, 408, text, 0);
}

/* Does the body stand still, or has it come too slowly so far? */
static bool
body_too_slow(Client *client, bool idle, uint64_t now_ms)
{
	Exchange *exchange = client->exchange;
	bool	  able = exchange_takes_body(exchange);

	if (exchange->request_done || exchange_is_tunnel(exchange))
		return false;
	return limit_slow(client_loop(client)->settings, &exchange->body_wait, able, now_ms) ||
		   (idle && able);
}

/* Does the client take the answer too slowly? Tunnels have no rate. */
static bool
takes_too_slowly(Client *client, uint64_t now_ms)
{
	const Connection *connection = &client->connection;
	bool			  waits = connection_blocked(connection) &&
				 (client->exchange == NULL || !exchange_is_tunnel(client->exchange));

	client->taking.bytes = connection->given - client->given;
	return limit_slow(client_loop(client)->settings, &client->taking, waits, now_ms) && waits;
}

void
client_sweep(Client *client, uint64_t now_ms)
{
	const Settings *settings = client_loop(client)->settings;
	bool			idle = now_ms > client->connection.active_ms + settings->idle_timeout_ms;
	bool			slow = takes_too_slowly(client, now_ms);

	client_presence(client, now_ms);
	if (client->phase == CLIENT_CLOSED)
		return;
	if (client->phase == CLIENT_LINGERING)
	{
		if (now_ms > client->connection.active_ms + LINGER_MS)
			client_close(client);
	}
	else if (connection_blocked(&client->connection) && (idle || slow))
	{
		log_info("client %s: closed: it %s", client->peer,
				 idle ? "does not read" : "reads too slowly");
		/*
		 * The socket would still send the bytes it has kept, and their end would pass for the
		 * end of the answer.
		 */
		on_close(client, true);
	}
	else if (client->exchange != NULL && body_too_slow(client, idle, now_ms))
		exchange_fail(client->exchange, 408, "the request body did not arrive in time");
	else if (client->exchange != NULL)
		relay_sweep(client->exchange, now_ms);
	else if (client->head_since_ms != 0 &&
			 now_ms > client->head_since_ms + settings->header_timeout_ms)
		time_out_head(client);
	else if (client->head_since_ms == 0 && idle)
		client_close(client);
}
