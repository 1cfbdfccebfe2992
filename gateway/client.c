/*
 * client.c: a connection from a client
 *
 * The read event stays armed and is taken off only for back-pressure; what is
 * read goes through one buffer of the process, and only bytes that cannot be
 * used yet are kept with the connection.
 */
#include "client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access_log.h"
#include "answer.h"
#include "buffer.h"
#include "channel.h"
#include "clock.h"
#include "exchange.h"
#include "grave.h"
#include "limit.h"
#include "memory.h"
#include "proxy_protocol.h"
#include "splice.h"
#include "tls.h"
#include "tunnel.h"
#include "wire.h"

#define READ_MORE_BYTES 16384
#define KEPT_LIMIT 16384 /* no reading while that much is kept */
#define LINGER_MS 2000
#define LINGER_BYTES (4 << 20)

typedef enum ClientPhase
{
	CLIENT_OPEN,	  /* between heads, or with an exchange */
	CLIENT_CLOSING,	  /* the last answer is being sent */
	CLIENT_LINGERING, /* our side is shut; reading to throw away */
	CLIENT_CLOSED
} ClientPhase;

struct Client
{
	LIST_ENTRY(Client) entry;
	Worker		 *worker;
	Exchange	 *exchange; /* owned; NULL between requests */
	struct event  read_event;
	struct event *write_event; /* owned; NULL: nothing waits to be sent */
	Channel		  channel;
	ClientPhase	  phase;
	bool		  named;   /* a header of the PROXY protocol is not awaited */
	bool		  reading; /* read_event is added */
	bool		  at_end;  /* the client sends no more */
	bool		  feeding; /* feed is on the stack */
	bool		  unread;  /* linger before closing */
	bool		  shut;	   /* when all is sent, say that no more comes */
	bool		  reset;   /* closing must not look like an end in order */
	bool		  tls;
	Buffer		  in;		/* read, not used yet */
	Buffer		  out;		/* to be sent */
	size_t		  scanned;	/* of the head at the beginning of in */
	size_t		  lingered; /* bytes thrown away */
	unsigned	  requests;
	uint64_t	  active_ms;
	uint64_t	  head_since_ms; /* 0: no head has begun */
	char		  host[48];
	char		  peer[56];
};

static char read_bytes[SETTINGS_BUFFER_BYTES_MAX];
static Head parsed_head;

static void	  on_readable(evutil_socket_t fd, short what, void *context);
static void	  on_writable(evutil_socket_t fd, short what, void *context);
static size_t feed(Client *client, const char *bytes, size_t length);
static void	  settle(Client *client);

static void
set_peer(Client *client, const struct sockaddr *peer)
{
	address_format(peer, client->peer, sizeof(client->peer));
	address_host(peer, client->host, sizeof(client->host));
}

void
client_accept(Worker *worker, int fd, const struct sockaddr *peer, const Address *listener)
{
	Client *client = memory_zeroed(sizeof(*client));

	client->worker = worker;
	client->channel.fd = fd;
	client->active_ms = clock_now_ms();
	client->named = !listener->proxy;
	set_peer(client, peer);
	/* With TLS or a header before it, the head has its time from here on. */
	if (listener->proxy || listener->tls)
		client->head_since_ms = client->active_ms;
	if (listener->tls && client->named)
		client->channel.ssl = tls_for_client(fd);
	client->tls = listener->tls;
	event_assign(&client->read_event, worker->base, fd, EV_READ | EV_PERSIST, on_readable, client);
	LIST_INSERT_HEAD(&worker->clients, client, entry);
	worker->client_count++;
	event_add(&client->read_event, NULL);
	client->reading = true;

	if (worker->client_count > worker->settings->max_connections)
	{
		log_warning("client %s: 503: %zu connections are too many", client->peer,
					worker->client_count);
		access_log_refused(client->host, client->worker->settings->release, 503);
		client_answer(client, 503, "too many connections", false, 1, true);
		client_finished(client, false, true);
	}
}

/* An event is a third of what a connection costs, and few ever need this one. */
static void
start_writing(Client *client)
{
	if (client->write_event != NULL)
		return;
	client->write_event = event_new(client->worker->base, client->channel.fd, EV_WRITE | EV_PERSIST,
									on_writable, client);
	if (client->write_event == NULL)
		abort(); /* out of memory */
	event_add(client->write_event, NULL);
}

static void
stop_writing(Client *client)
{
	if (client->write_event != NULL)
		event_free(client->write_event);
	client->write_event = NULL;
}

static void
release_client(void *thing)
{
	Client *client = thing;

	buffer_free(&client->in);
	buffer_free(&client->out);
	free(client);
}

void
client_close(Client *client)
{
	if (client->phase == CLIENT_CLOSED)
		return;
	client->phase = CLIENT_CLOSED;
	if (client->exchange != NULL)
		exchange_abort(client->exchange);
	client->exchange = NULL;
	event_del(&client->read_event);
	stop_writing(client);
	channel_close(&client->channel, client->reset);
	LIST_REMOVE(client, entry);
	client->worker->client_count--;
	grave_bury(client, release_client);
}

void
client_reset(Client *client)
{
	client->reset = true;
	client_close(client);
}

void
client_close_idle(Client *client)
{
	if (client->phase == CLIENT_OPEN && client->exchange == NULL && client->head_since_ms == 0 &&
		!client_blocked(client))
		client_close(client);
}

static void
receive_to_linger(Client *client)
{
	ssize_t got = channel_recv(&client->channel, read_bytes, sizeof(read_bytes));

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	client->lingered += got > 0 ? (size_t) got : 0;
	if (got <= 0 || client->lingered > LINGER_BYTES)
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

static ssize_t
receive(Client *client)
{
	size_t	most = channel_read_size(&client->channel, client->worker->settings->buffer_bytes);
	ssize_t got;
	size_t	used;

	if (buffer_length(&client->in) > 0)
	{
		most = most < READ_MORE_BYTES ? most : READ_MORE_BYTES;
		got = channel_recv(&client->channel, buffer_reserve(&client->in, most), most);
		if (got > 0)
		{
			buffer_filled(&client->in, (size_t) got);
			feed_kept(client);
		}
		return got;
	}
	got = channel_recv(&client->channel, read_bytes, most);
	if (got > 0)
	{
		used = feed(client, read_bytes, (size_t) got);
		if (client->phase != CLIENT_CLOSED)
			buffer_append(&client->in, read_bytes + used, (size_t) got - used);
	}
	return got;
}

static void
take_name(Client *client, const struct sockaddr_storage *peer)
{
	buffer_free(&client->in);
	client->named = true;
	if (peer->ss_family != 0)
		set_peer(client, (const struct sockaddr *) peer);
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

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
	Client *client = context;
	ssize_t got;

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
	got = receive(client);
	if (client->channel.read_to_send)
		start_writing(client);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0)
	{
		client_close(client);
		return;
	}
	client->at_end = got == 0;
	client->active_ms = clock_now_ms();
	settle(client);
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
	access_log_refused(client->host, client->worker->settings->release, status);
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
	allowed = limit_bytes(client->worker->settings, bytes, size, problem);
	return allowed == HEAD_COMPLETE ? result : allowed;
}

static HeadResult
parse(Client *client, Message *message, Span bytes, const char **problem)
{
	HeadResult result =
		message_request_head(message, bytes.bytes, bytes.length, &parsed_head, problem);

	return result == HEAD_COMPLETE ? limit_head(client->worker->settings, &parsed_head, problem)
								   : result;
}

/* The last request that this connection may have? */
static bool
count_request(Client *client)
{
	unsigned most = client->worker->settings->max_requests;

	client->requests++;
	return most != 0 && client->requests >= most;
}

/* Takes a head, if one is complete, and starts its exchange.  Returns the bytes used. */
static size_t
feed_head(Client *client, const char *bytes, size_t length)
{
	Message		message = {0};
	const char *problem;
	HeadResult	result;
	size_t		skip = client->scanned == 0 ? head_blank(bytes, length) : 0;

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
		wire_flush_request(client->exchange);
	client->feeding = false;
	return client->phase == CLIENT_OPEN ? used : length;
}

static void
want_reading(Client *client, bool want)
{
	if (want == client->reading)
		return;
	if (want)
		event_add(&client->read_event, NULL);
	else
		event_del(&client->read_event);
	client->reading = want;
}

/* Nothing more can be done with the connection after its end was read. */
static bool
exhausted(const Client *client)
{
	if (!client->at_end || client_blocked(client))
		return false;
	if (client->exchange == NULL)
		return true;
	return !client->exchange->request_done && buffer_length(&client->in) == 0;
}

/* After every event: is there reason to close, and to read on? */
static void
settle(Client *client)
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
		want_reading(client, !client->at_end &&
								 (feedable(client) || buffer_length(&client->in) < KEPT_LIMIT));
	else if (client->phase == CLIENT_CLOSING)
		want_reading(client, false);
}

void
client_resume(Client *client)
{
	if (client->feeding || client->phase == CLIENT_CLOSED)
		return;
	if (buffer_length(&client->in) > 0)
		feed_kept(client);
	else if (client->exchange != NULL)
		wire_flush_request(client->exchange);
	settle(client);
}

bool
client_blocked(const Client *client)
{
	return buffer_length(&client->out) > 0 ||
		   (client->exchange != NULL && client->exchange->pipe != NULL);
}

bool
client_plain(const Client *client)
{
	return client->channel.ssl == NULL;
}

void
client_send(Client *client, const char *bytes, size_t length)
{
	ssize_t sent = 0;

	if (client->phase == CLIENT_CLOSED || length == 0)
		return;
	if (!client_blocked(client))
	{
		sent = channel_send(&client->channel, bytes, length);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
		{
			client_close(client);
			return;
		}
		sent = sent < 0 ? 0 : sent;
		client->active_ms = clock_now_ms();
	}
	if ((size_t) sent == length)
		return;
	if (!client_blocked(client))
		start_writing(client);
	buffer_append(&client->out, bytes + sent, length - (size_t) sent);
}

void
client_send_pipe(Client *client)
{
	if (client->phase == CLIENT_CLOSED || buffer_length(&client->out) > 0)
		return;
	if (!splice_send(&client->exchange->pipe, client->channel.fd))
	{
		client_close(client);
		return;
	}
	client->active_ms = clock_now_ms();
	if (client_blocked(client))
		start_writing(client);
}

/* Sends what is kept, as far as the socket takes it. */
static void
send_kept(Client *client)
{
	ssize_t sent =
		channel_send(&client->channel, buffer_first(&client->out), buffer_length(&client->out));

	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (sent < 0)
	{
		client_close(client);
		return;
	}
	client->active_ms = clock_now_ms();
	buffer_consume(&client->out, (size_t) sent);
	if (buffer_length(&client->out) == 0)
		buffer_free(&client->out);
}

/* The last answer is sent: close, or linger for a client that still sends. */
static void
all_sent(Client *client)
{
	if (!client->unread || client->at_end)
	{
		client_close(client);
		return;
	}
	channel_shut(&client->channel);
	client->phase = CLIENT_LINGERING;
	client->active_ms = clock_now_ms();
	want_reading(client, true);
}

static void
on_writable(evutil_socket_t fd, short what, void *context)
{
	Client *client = context;

	if (client->channel.read_to_send)
	{
		on_readable(fd, what, client);
		if (client->phase == CLIENT_CLOSED || client->channel.read_to_send)
			return;
		if (!client_blocked(client))
			stop_writing(client);
	}
	if (!client_blocked(client))
		return;
	if (buffer_length(&client->out) > 0)
		send_kept(client);
	else
		client_send_pipe(client);
	if (client->phase == CLIENT_CLOSED || client_blocked(client))
		return;
	stop_writing(client);
	if (client->shut)
		channel_shut(&client->channel);
	if (client->phase == CLIENT_CLOSING)
		all_sent(client);
	else if (client->exchange != NULL)
		exchange_client_drained(client->exchange);
	client_resume(client);
}

void
client_shut(Client *client)
{
	client->shut = true;
	if (!client_blocked(client))
		channel_shut(&client->channel);
}

void
client_answer(Client *client, unsigned status, const char *text, bool keep_alive,
			  unsigned retry_after, bool with_body)
{
	Buffer answer = {0};

	/* Who did not get as far as that can't be told anything. */
	if (!client->named || !channel_ready(&client->channel))
	{
		client_close(client);
		return;
	}
	client->worker->counters.refused++;
	client->worker->counters.answers[status / 100]++;
	answer_build(&answer, status, text, keep_alive, retry_after, with_body);
	client_send(client, answer.bytes, buffer_length(&answer));
	buffer_free(&answer);
}

void
client_finished(Client *client, bool keep_alive, bool unread)
{
	client->exchange = NULL;
	if (client->phase == CLIENT_CLOSED)
		return;
	client->active_ms = clock_now_ms();
	if (keep_alive)
	{
		client_resume(client);
		return;
	}
	client->phase = CLIENT_CLOSING;
	client->unread = unread || buffer_length(&client->in) > 0;
	if (!client_blocked(client))
		all_sent(client);
	else
		settle(client);
}

Client *
client_next(const Client *client)
{
	return LIST_NEXT(client, entry);
}

static void
time_out_head(Client *client)
{
	log_info("client %s: 408: the request head did not arrive in time", client->peer);
	access_log_refused(client->host, client->worker->settings->release, 408);
	client_answer(client, 408, "the request head did not arrive in time", false, 0, true);
	client_finished(client, false, true);
}

/* Stands it still, or has it come too slowly so far? */
static bool
body_too_slow(Client *client, bool idle, uint64_t now_ms)
{
	Exchange *exchange = client->exchange;
	bool	  able = exchange_takes_body(exchange);

	if (exchange->request_done || exchange->tunnel != NULL)
		return false;
	return limit_slow(client->worker->settings, &exchange->body_wait, able, now_ms) ||
		   (idle && able);
}

void
client_sweep(Client *client, uint64_t now_ms)
{
	uint64_t idle_ms = client->worker->settings->idle_timeout_ms;
	bool	 idle = now_ms > client->active_ms + idle_ms;

	if (client->phase == CLIENT_LINGERING)
	{
		if (now_ms > client->active_ms + LINGER_MS)
			client_close(client);
	}
	else if (client_blocked(client) && idle)
	{
		log_info("client %s: closed: it does not read", client->peer);
		client_close(client);
	}
	else if (client->exchange != NULL && body_too_slow(client, idle, now_ms))
		exchange_fail(client->exchange, 408, "the request body did not arrive in time");
	else if (client->exchange != NULL)
		exchange_sweep(client->exchange, now_ms);
	else if (client->head_since_ms != 0 &&
			 now_ms > client->head_since_ms + client->worker->settings->header_timeout_ms)
		time_out_head(client);
	else if (client->head_since_ms == 0 && idle)
		client_close(client);
}

const char *
client_peer(const Client *client)
{
	return client->peer;
}

bool
client_secure(const Client *client)
{
	return client->tls;
}

const char *
client_host(const Client *client)
{
	return client->host;
}

Worker *
client_worker(const Client *client)
{
	return client->worker;
}
