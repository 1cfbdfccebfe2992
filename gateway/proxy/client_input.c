/*
 * client_input.c: handles the bytes that come from a client
 */
#include "proxy/client_own.h"

#include <errno.h>

#include "base/clock.h"
#include "base/log.h"
#include "net/batch.h"
#include "net/proxy_protocol.h"
#include "net/tls.h"
#include "proxy/outbox.h"
#include "proxy/tunnel.h"

#define KEPT_LIMIT 16384 /* bytes; while that much is kept nothing more is read */
#define LINGER_BYTES (4 << 20)

static Head parsed_head;

void
client_set_peer(Client *client, const struct sockaddr *peer)
{
	address_format(peer, client->peer, sizeof(client->peer));
	address_host(peer, client->host, sizeof(client->host));
}

/* Pass on a piece of a body by splice. Return false if the piece has to be read. */
static bool
receive_spliced(Client *client, ChannelResult *result)
{
	Exchange *exchange = client->exchange;

	return client->phase == CLIENT_OPEN && exchange != NULL &&
		   buffer_length(&client->connection.in) == 0 && relay_splices_body(exchange) &&
		   relay_splice_body(exchange, result);
}

static void
take_name(Client *client, const struct sockaddr_storage *peer)
{
	buffer_free(&client->connection.in);
	client->named = true;
	if (peer->ss_family != 0)
		client_set_peer(client, (const struct sockaddr *) peer);
	if (client->origin.secure)
		client->connection.channel.ssl = tls_for_client(client->connection.channel.fd);
}

/*
 * Take the PROXY header, which says who the client is, off the socket. The bytes behind the
 * header stay in the socket, since they may be TLS.
 */
static void
receive_name(Client *client)
{
	struct sockaddr_storage peer = {0};
	const char			   *problem = "it ended before a PROXY header";
	ProxyResult				result = PROXY_BAD;
	Buffer				   *in = &client->connection.in;
	int						fd = client->connection.channel.fd;
	size_t					kept = buffer_length(in);
	size_t					used = 0;
	char				   *more = buffer_reserve(in, PROXY_HEADER_MAX);
	ssize_t					got = recv(fd, more, PROXY_HEADER_MAX, MSG_PEEK);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		result = proxy_header(buffer_first(in), kept + (size_t) got, &used, &peer, &problem);
	if (result == PROXY_COMPLETE)
		got = (ssize_t) (used - kept);
	if (result == PROXY_BAD || recv(fd, more, (size_t) got, 0) != got)
	{
		log_info("client %s: closed: %s", client->peer, problem);
		client_close(client);
		return;
	}
	buffer_filled(in, (size_t) got);
	if (result == PROXY_COMPLETE)
		take_name(client, &peer);
}

static void
take_end(Client *client, ChannelResult result)
{
	if (result == CHANNEL_BROKEN || (result == CHANNEL_END && client_leaves_by_end(client)))
	{
		client_left(client);
		return;
	}
	client->connection.at_end = result == CHANNEL_END;
	client->connection.active_ms = clock_now_ms();
	client_settle(client);
}

void
client_readable(void *owner)
{
	Client		 *client = owner;
	ChannelResult result;

	if (!client->named)
	{
		receive_name(client);
		return;
	}
	if (!receive_spliced(client, &result))
		result = connection_receive(&client->connection);
	if (channel_waits(result))
		return;
	if (client->phase != CLIENT_LINGERING)
		take_end(client, result);
	else if (result != CHANNEL_DONE)
		client_close(client);
}

static unsigned
status_for(HeadResult result)
{
	switch (result)
	{
		case HEAD_LARGE:
			return 431;
		case HEAD_LONG_LINE:
			return 414;
		case HEAD_LARGE_BODY:
			return 413;
		case HEAD_UNSUPPORTED:
			return 501;
		default:
			return 400;
	}
}

static void
refuse_head(Client *client, HeadResult result, const char *problem)
{
	unsigned status = status_for(result);

	log_info("client %s: %u: %s", client->peer, status, problem);
	client_refuse(client, status, problem, 0);
}

static HeadResult
scan(Client *client, const char *bytes, size_t length, const char **problem)
{
	HeadResult result = head_scan(bytes, length, &client->scanned, problem);
	size_t	   size = result == HEAD_COMPLETE ? client->scanned : length;
	HeadResult allowed;

	if (result == HEAD_BAD)
		return result;
	allowed = limit_bytes(client_loop(client)->settings, bytes, size, problem);
	return allowed == HEAD_COMPLETE ? result : allowed;
}

static HeadResult
parse(Client *client, Message *message, Span bytes, const char **problem)
{
	HeadResult result =
		message_request_head(message, bytes.bytes, bytes.length, &parsed_head, problem);

	return result == HEAD_COMPLETE
			   ? limit_head(client_loop(client)->settings, &parsed_head, problem)
			   : result;
}

/* Count a request. Is it the last request that this connection may have? */
static bool
count_request(Client *client)
{
	unsigned most = client_loop(client)->settings->max_requests;

	client->requests++;
	return most != 0 && client->requests >= most;
}

/*
 * Return how many bytes of an empty line to skip. Old clients send one empty line behind a
 * body, which means nothing. At any other empty line the time for a head begins; otherwise a
 * client could send empty lines for ever.
 */
static size_t
skip_blank(Client *client, const char *bytes, size_t length)
{
	size_t skip = client->scanned == 0 ? head_blank(bytes, length) : 0;

	if (skip == 0)
		return 0;
	if (client->spare_line)
	{
		client->spare_line = false;
		client->head_since_ms = 0;
		return 2;
	}
	if (client->head_since_ms == 0)
		client->head_since_ms = clock_now_ms();
	return skip;
}

/* Take a head, if one is complete, and start its exchange. Return the number of bytes used. */
static size_t
feed_head(Client *client, const char *bytes, size_t length)
{
	Message		message = {0};
	const char *problem;
	HeadResult	result;
	size_t		skip = skip_blank(client, bytes, length);

	if (skip > 0)
		return skip;
	if (client->head_since_ms == 0)
		client->head_since_ms = clock_now_ms();
	result = scan(client, bytes, length, &problem);
	if (result == HEAD_MORE)
		return 0;
	length = client->scanned;
	client->scanned = 0;
	client->head_since_ms = 0;
	if (result == HEAD_COMPLETE)
		result = parse(client, &message, (Span){bytes, length}, &problem);
	if (result != HEAD_COMPLETE)
	{
		refuse_head(client, result, problem);
		return 0;
	}
	if (count_request(client))
		parsed_head.keep_alive = false;
	client->taking = (BodyWait){0};
	client->given = client->connection.given;
	client->spare_line = parsed_head.body_follows;
	client->ask_ms = 0;
	client->exchange = relay_new(&client->origin, &parsed_head, (Span){bytes, length}, &message);
	relay_start(client->exchange, &parsed_head);
	return length;
}

static size_t
feed_body(Client *client, const char *bytes, size_t length)
{
	Exchange *exchange = client->exchange;
	size_t	  used;

	if (relay_take_body(exchange, bytes, length, &used) != BODY_BAD || exchange->over)
		return used;
	exchange_fail(exchange, 400, message_problem(&exchange->request));
	return length;
}

/* Can a head be taken? If so, the kept bytes are the beginning of a head. */
static bool
feedable(const Client *client)
{
	return client->exchange == NULL && !connection_blocked(&client->connection);
}

static size_t
throw_away(Client *client, size_t length)
{
	client->lingered += length;
	if (client->lingered > LINGER_BYTES)
		client_close(client);
	return length;
}

/* Use as many bytes as possible now. Return how many. */
size_t
client_bytes(void *owner, const char *bytes, size_t length)
{
	Client *client = owner;
	size_t	used = 0;
	size_t	step = 1;

	if (client->phase == CLIENT_LINGERING)
		return throw_away(client, length);
	while (used < length && step > 0 && client->phase == CLIENT_OPEN)
	{
		if (client->exchange == NULL)
			step = feedable(client) ? feed_head(client, bytes + used, length - used) : 0;
		else if (exchange_takes_body(client->exchange))
			step = feed_body(client, bytes + used, length - used);
		else
			step = 0;
		used += step;
	}
	if (client->exchange != NULL)
		outbox_flush_request(client->exchange);
	return client->phase == CLIENT_OPEN ? used : length;
}

/* The client's end was read: is there nothing more to do with the connection? */
static bool
exhausted(Client *client)
{
	if (!client->connection.at_end)
		return false;
	/* Posted bytes may turn into kept bytes. */
	batch_settle(&client->connection.channel);
	if (connection_blocked(&client->connection))
		return false;
	if (client->exchange == NULL)
		return true;
	return !client->exchange->request_done && buffer_length(&client->connection.in) == 0;
}

/*
 * Is more to be read? Nothing is read while a pipe waits for the server: the bytes would have
 * to be kept here.
 */
static bool
wants_more(const Client *client)
{
	const Exchange *exchange = client->exchange;

	if (client->connection.at_end)
		return false;
	if (exchange != NULL && exchange->upstream != NULL &&
		exchange->upstream->connection.pipe != NULL)
		return false;
	return feedable(client) || buffer_length(&client->connection.in) < KEPT_LIMIT;
}

/* After every event: close the connection if there is reason to, and turn reading on or off. */
void
client_settle(Client *client)
{
	Connection *connection = &client->connection;

	if (client->phase == CLIENT_OPEN && connection->at_end && client->exchange != NULL &&
		exchange_is_tunnel(client->exchange) && buffer_length(&connection->in) == 0)
		tunnel_client_ended(client->exchange);
	if (client->phase == CLIENT_CLOSED)
		return;
	if (client->phase == CLIENT_OPEN && exhausted(client))
	{
		if (client->exchange != NULL)
			log_info("client %s: gone before its request was complete", client->peer);
		client_close(client);
		return;
	}
	if (client->phase == CLIENT_OPEN)
		connection_want_reading(connection, wants_more(client));
	else if (client->phase == CLIENT_CLOSING)
		connection_want_reading(connection, false);
	/* A held request has time to wait until it is known whether the client is still there. */
	if (connection->at_end && client->exchange != NULL && client->exchange->traveller.held)
		client_presence(client, clock_now_ms());
}

void
client_resume(Client *client)
{
	Connection *connection = &client->connection;

	if (connection->feeding || client->phase == CLIENT_CLOSED)
		return;
	if (buffer_length(&connection->in) > 0)
		connection_feed(connection);
	else if (client->exchange != NULL)
		outbox_flush_request(client->exchange);
	client_settle(client);
}
