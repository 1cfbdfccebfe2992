/*
 * client_input.c: what comes from a client
 *
 * The read event stays armed and is taken off only for back-pressure; what is
 * read goes through one buffer of the process, and only bytes that cannot be
 * used yet are kept with the connection.
 */
#include "proxy/client_own.h"

#include <errno.h>

#include "base/clock.h"
#include "config/limit.h"
#include "net/batch.h"
#include "net/proxy_protocol.h"
#include "net/tls.h"
#include "proxy/access_log.h"
#include "proxy/outbox.h"
#include "proxy/splice.h"
#include "proxy/tunnel.h"

#define READ_MORE_BYTES 16384
#define KEPT_LIMIT 16384 /* no reading while that much is kept */
#define LINGER_BYTES (4 << 20)

static char read_bytes[SETTINGS_BUFFER_BYTES_MAX];
static Head parsed_head;

static size_t feed(Client *client, const char *bytes, size_t length);

void
client_set_peer(Client *client, const struct sockaddr *peer)
{
	address_format(peer, client->peer, sizeof(client->peer));
	address_host(peer, client->host, sizeof(client->host));
}

/* A socket that can't be written may still be readable, and would be so for ever. */
static void
wait_to_read(Client *client)
{
	if (!client->channel.read_to_send)
		return;
	client_want_reading(client, false);
	client_want_writing(client);
}

void
client_reads_again(Client *client)
{
	if (client->phase == CLIENT_LINGERING)
		client_want_reading(client, true);
	else
		client_settle(client);
}

static void
receive_to_linger(Client *client)
{
	size_t		  got;
	ChannelResult result = channel_recv(&client->channel, read_bytes, sizeof(read_bytes), &got);

	client->lingered += got;
	if (channel_waits(result))
		wait_to_read(client);
	else if (result != CHANNEL_DONE || client->lingered > LINGER_BYTES)
		client_close(client);
}

/* Feeds what was kept. */
static void
feed_kept(Client *client)
{
	size_t used = feed(client, buffer_first(&client->in), buffer_length(&client->in));

	buffer_consume(&client->in, used);
	if (buffer_length(&client->in) == 0 && client->phase != CLIENT_CLOSED)
		buffer_free(&client->in);
}

static ChannelResult
receive(Client *client)
{
	size_t most = channel_read_size(&client->channel, client->proxy->loop->settings->buffer_bytes);
	ChannelResult result;
	size_t		  got;
	size_t		  used;

	if (buffer_length(&client->in) > 0)
	{
		most = most < READ_MORE_BYTES ? most : READ_MORE_BYTES;
		result = channel_recv(&client->channel, buffer_reserve(&client->in, most), most, &got);
		if (result == CHANNEL_DONE)
		{
			buffer_filled(&client->in, got);
			feed_kept(client);
		}
		return result;
	}
	result = channel_recv(&client->channel, read_bytes, most, &got);
	if (result == CHANNEL_DONE)
	{
		used = feed(client, read_bytes, got);
		if (client->phase != CLIENT_CLOSED)
			buffer_append(&client->in, read_bytes + used, got - used);
	}
	return result;
}

/* A piece of a body goes past us.  False: it has to be read. */
static bool
receive_spliced(Client *client, ChannelResult *result)
{
	Exchange *exchange = client->exchange;

	return client->phase == CLIENT_OPEN && exchange != NULL && buffer_length(&client->in) == 0 &&
		   splice_fits_request(exchange) && splice_request(exchange, client->channel.fd, result);
}

static void
take_name(Client *client, const struct sockaddr_storage *peer)
{
	buffer_free(&client->in);
	client->named = true;
	if (peer->ss_family != 0)
		client_set_peer(client, (const struct sockaddr *) peer);
	if (client->tls)
		client->channel.ssl = tls_for_client(client->channel.fd);
}

/*
 * Takes the header that says who the client is off the socket, and nothing
 * that is behind it: that may be TLS.
 */
static void
receive_name(Client *client)
{
	struct sockaddr_storage peer = {0};
	const char			   *problem = "it ended before a PROXY header";
	ProxyResult				result = PROXY_BAD;
	size_t					kept = buffer_length(&client->in);
	size_t					used = 0;
	char				   *more = buffer_reserve(&client->in, PROXY_HEADER_MAX);
	ssize_t					got = recv(client->channel.fd, more, PROXY_HEADER_MAX, MSG_PEEK);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0)
		result =
			proxy_header(buffer_first(&client->in), kept + (size_t) got, &used, &peer, &problem);
	if (result == PROXY_COMPLETE)
		got = (ssize_t) (used - kept);
	if (result == PROXY_BAD || recv(client->channel.fd, more, (size_t) got, 0) != got)
	{
		log_info("client %s: closed: %s", client->peer, problem);
		client_close(client);
		return;
	}
	buffer_filled(&client->in, (size_t) got);
	if (result == PROXY_COMPLETE)
		take_name(client, &peer);
}

void
client_readable(evutil_socket_t fd, short what, void *context)
{
	Client		 *client = context;
	ChannelResult result;

	(void) fd;
	(void) what;
	if (!client->named)
	{
		receive_name(client);
		return;
	}
	if (client->phase == CLIENT_LINGERING)
	{
		receive_to_linger(client);
		return;
	}
	if (!receive_spliced(client, &result))
		result = receive(client);
	if (channel_waits(result))
	{
		wait_to_read(client);
		return;
	}
	if (result == CHANNEL_BROKEN || (result == CHANNEL_END && client_leaves_by_end(client)))
	{
		client_left(client);
		return;
	}
	client->at_end = result == CHANNEL_END;
	client->active_ms = clock_now_ms();
	client_settle(client);
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
	access_log_refused(client->host, client->proxy->loop->settings->release, status);
	client_answer(client, status, problem, false, 0, true);
	client_finished(client, false, true);
}

static HeadResult
scan(Client *client, const char *bytes, size_t length, const char **problem)
{
	HeadResult result = head_scan(bytes, length, &client->scanned, problem);
	size_t	   size = result == HEAD_COMPLETE ? client->scanned : length;
	HeadResult allowed;

	if (result == HEAD_BAD)
		return result;
	allowed = limit_bytes(client->proxy->loop->settings, bytes, size, problem);
	return allowed == HEAD_COMPLETE ? result : allowed;
}

static HeadResult
parse(Client *client, Message *message, Span bytes, const char **problem)
{
	HeadResult result =
		message_request_head(message, bytes.bytes, bytes.length, &parsed_head, problem);

	return result == HEAD_COMPLETE
			   ? limit_head(client->proxy->loop->settings, &parsed_head, problem)
			   : result;
}

/* The last request that this connection may have? */
static bool
count_request(Client *client)
{
	unsigned most = client->proxy->loop->settings->max_requests;

	client->requests++;
	return most != 0 && client->requests >= most;
}

/*
 * Old clients send an empty line behind a body: that one is nothing.  With any
 * other the time for a head begins, or they could come for ever.
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

/* Takes a head, if one is complete, and starts its exchange.  Returns the bytes used. */
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
	client->spare_line = parsed_head.body_follows;
	client->ask_ms = 0;
	client->exchange = exchange_new(client, &parsed_head, (Span){bytes, length}, &message);
	exchange_start(client->exchange, &parsed_head);
	return length;
}

static size_t
feed_body(Client *client, const char *bytes, size_t length)
{
	Exchange *exchange = client->exchange;
	size_t	  used;

	if (exchange_take_body(exchange, bytes, length, &used) != BODY_BAD || exchange->over)
		return used;
	exchange_fail(exchange, 400, message_problem(&exchange->request));
	return length;
}

/* Can a head be taken?  What is kept then is the beginning of one. */
static bool
feedable(const Client *client)
{
	return client->exchange == NULL && !client_blocked(client);
}

/* Uses bytes as far as that is possible now; returns how many. */
static size_t
feed(Client *client, const char *bytes, size_t length)
{
	size_t used = 0;
	size_t step = 1;

	client->feeding = true;
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
	client->feeding = false;
	return client->phase == CLIENT_OPEN ? used : length;
}

void
client_want_reading(Client *client, bool want)
{
	if (want == client->reading)
		return;
	if (want)
	{
		client_unwatch(client);
		event_add(&client->read_event, NULL);
	}
	else
		event_del(&client->read_event);
	client->reading = want;
}

/* Nothing more can be done with the connection after its end was read. */
static bool
exhausted(Client *client)
{
	if (!client->at_end)
		return false;
	/* What is posted may have to be kept. */
	batch_settle(&client->channel);
	if (client_blocked(client))
		return false;
	if (client->exchange == NULL)
		return true;
	return !client->exchange->request_done && buffer_length(&client->in) == 0;
}

/* While a pipe waits for the server nothing is read: here it would have to be kept. */
static bool
wants_more(const Client *client)
{
	if (client->at_end)
		return false;
	if (client->exchange != NULL && client->exchange->upload != NULL)
		return false;
	return feedable(client) || buffer_length(&client->in) < KEPT_LIMIT;
}

/* After every event: is there reason to close, and to read on? */
void
client_settle(Client *client)
{
	if (client->phase == CLIENT_OPEN && client->at_end && client->exchange != NULL &&
		client->exchange->tunnel != NULL && buffer_length(&client->in) == 0)
		tunnel_client_ended(client->exchange->tunnel);
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
		client_want_reading(client, wants_more(client));
	else if (client->phase == CLIENT_CLOSING)
		client_want_reading(client, false);
	/* What is held can wait for the answer to that question, and has time for it. */
	if (client->at_end && client->exchange != NULL && client->exchange->traveller.held)
		client_presence(client, clock_now_ms());
}

void
client_resume(Client *client)
{
	if (client->feeding || client->phase == CLIENT_CLOSED)
		return;
	if (buffer_length(&client->in) > 0)
		feed_kept(client);
	else if (client->exchange != NULL)
		outbox_flush_request(client->exchange);
	client_settle(client);
}
