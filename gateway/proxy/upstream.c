/*
 * upstream.c: a connection to a server
 */
#include "proxy/upstream.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/grave.h"
#include "base/memory.h"
#include "net/batch.h"
#include "net/channel.h"
#include "net/descriptors.h"
#include "net/tls.h"
#include "proxy/exchange.h"
#include "proxy/outbox.h"
#include "proxy/pool.h"
#include "proxy/retry.h"
#include "proxy/splice.h"
#include "proxy/tunnel.h"

#define READ_MORE_BYTES 16384
#define INTERIMS_MOST 100 /* answers of 1xx to one request */
#define FULL_PAUSE_MS 10  /* until a path is asked again */

static char read_bytes[SETTINGS_BUFFER_BYTES_MAX];
static Head parsed_head;

static void	  on_readable(evutil_socket_t fd, short what, void *context);
static void	  on_writable(evutil_socket_t fd, short what, void *context);
static void	  ask_again(evutil_socket_t fd, short what, void *context);
static size_t feed(Upstream *upstream, const char *bytes, size_t length);

/* An errno; 0: it is connected, or on its way. */
static int
begin_connect(const Address *address, int fd)
{
	if (connect(fd, (const struct sockaddr *) &address->socket, address->socket_length) == 0 ||
		errno == EINPROGRESS)
		return 0;
	return errno;
}

/* The kernel goes on trying a port by itself; a path says no, and no event tells of a yes. */
static bool
queue_full(const Address *address, int problem)
{
	return problem == EAGAIN && address->socket.ss_family == AF_UNIX;
}

static void
await_connection(Upstream *upstream, bool full)
{
	const struct timeval pause = {.tv_usec = FULL_PAUSE_MS * 1000};
	struct event_base	*base = upstream->server->pools->loop->base;

	if (full)
		evtimer_assign(&upstream->write_event, base, ask_again, upstream);
	else
		event_assign(&upstream->write_event, base, upstream->channel.fd, EV_WRITE | EV_PERSIST,
					 on_writable, upstream);
	event_add(&upstream->write_event, full ? &pause : NULL);
}

static void
ask_again(evutil_socket_t fd, short what, void *context)
{
	Upstream	  *upstream = context;
	const Address *address = &upstream->server->address;
	int			   problem = begin_connect(address, upstream->channel.fd);

	(void) fd;
	(void) what;
	if (problem == 0 || queue_full(address, problem))
		await_connection(upstream, problem != 0);
	else
		retry_unreachable(upstream->exchange, strerror(problem), false);
}

Upstream *
upstream_connect(Server *server, Exchange *exchange)
{
	const Address *address = &server->address;
	int			   type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int			   fd = descriptors_take(socket(address->socket.ss_family, type, 0));
	int			   yes = 1;
	int			   problem;
	Upstream	  *upstream;

	if (fd < 0)
		return NULL;
	problem = begin_connect(address, fd);
	if (problem != 0 && !queue_full(address, problem))
	{
		close(fd);
		errno = problem;
		return NULL;
	}
	if (address->socket.ss_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));

	upstream = memory_zeroed(sizeof(*upstream));
	upstream->server = server;
	upstream->exchange = exchange;
	upstream->channel.fd = fd;
	if (address->tls)
		upstream->channel.ssl = tls_for_server(fd, address);
	upstream->phase = UPSTREAM_CONNECTING;
	upstream->active_ms = clock_now_ms();
	event_assign(&upstream->read_event, server->pools->loop->base, fd, EV_READ | EV_PERSIST,
				 on_readable, upstream);
	await_connection(upstream, problem != 0);
	server->outstanding++;
	return upstream;
}

void
upstream_reuse(Upstream *upstream, Exchange *exchange)
{
	upstream->exchange = exchange;
	upstream->phase = UPSTREAM_HEAD;
	upstream->reused = true;
	upstream->heard = false;
	upstream->interims = 0;
	upstream->sent = false;
	upstream->active_ms = clock_now_ms();
	upstream->server->outstanding++;
}

/* libevent sets no priority, not even the only one there is, for an event that waits its turn. */
bool
upstream_stirs(Upstream *upstream)
{
	return event_priority_set(&upstream->read_event, 0) != 0;
}

bool
upstream_quiet(Upstream *upstream)
{
	return channel_quiet(&upstream->channel);
}

static void
release_upstream(void *thing)
{
	Upstream *upstream = thing;

	buffer_free(&upstream->in);
	buffer_free(&upstream->out);
	message_free(&upstream->answer);
	free(upstream);
}

void
upstream_close(Upstream *upstream)
{
	if (upstream->phase == UPSTREAM_CLOSED)
		return;
	if (upstream->phase == UPSTREAM_IDLE)
		pool_drop(upstream);
	else
		upstream->server->outstanding--;
	if (upstream->trial)
		health_untried(&upstream->server->health);
	upstream->phase = UPSTREAM_CLOSED;
	upstream->exchange = NULL;
	event_del(&upstream->read_event);
	event_del(&upstream->write_event);
	/* Whoever sends the request again relies on this one not being sent. */
	batch_drop(&upstream->channel);
	channel_close(&upstream->channel, false);
	grave_bury(upstream, release_upstream);
}

void
upstream_rest(Upstream *upstream)
{
	upstream->server->outstanding--;
	upstream->phase = UPSTREAM_IDLE;
	upstream->exchange = NULL;
	upstream->scanned = 0;
	upstream->active_ms = clock_now_ms();
	buffer_free(&upstream->in);
	buffer_free(&upstream->out);
	upstream_resume(upstream);
}

static void
want_reading(Upstream *upstream, bool want)
{
	if (want == upstream->reading)
		return;
	if (want)
		event_add(&upstream->read_event, NULL);
	else
		event_del(&upstream->read_event);
	upstream->reading = want;
}

static void
connected(Upstream *upstream)
{
	upstream->phase = UPSTREAM_HEAD;
	upstream->active_ms = clock_now_ms();
	want_reading(upstream, true);
}

/* Goes on with TLS; when that is there, what waits is sent. */
static void
shake_hands(Upstream *upstream)
{
	ChannelResult step = channel_handshake(&upstream->channel);

	upstream->shaking = step != CHANNEL_DONE;
	if (step != CHANNEL_DONE && !channel_waits(step))
	{
		retry_unreachable(upstream->exchange, tls_problem(upstream->channel.ssl), false);
		return;
	}
	want_reading(upstream, step == CHANNEL_TO_READ);
	if (step == CHANNEL_TO_READ)
		event_del(&upstream->write_event);
	else
		event_add(&upstream->write_event, NULL);
	if (step == CHANNEL_DONE)
		connected(upstream);
}

static void
on_connected(Upstream *upstream)
{
	int		  problem = 0;
	socklen_t size = sizeof(problem);

	getsockopt(upstream->channel.fd, SOL_SOCKET, SO_ERROR, &problem, &size);
	if (problem != 0)
		retry_unreachable(upstream->exchange, strerror(problem), false);
	else if (upstream->channel.ssl != NULL)
		shake_hands(upstream);
	else
		connected(upstream);
}

bool
upstream_blocked(const Upstream *upstream)
{
	return buffer_length(&upstream->out) > 0 ||
		   (upstream->exchange != NULL && upstream->exchange->upload != NULL);
}

/*
 * A server that closed without reading on may have answered before; so a
 * failure here is not the end, reading finds out what there is.
 */
static void
note_result(Upstream *upstream, ChannelResult result)
{
	if (channel_waits(result))
		return;
	if (result != CHANNEL_DONE)
	{
		upstream->deaf = true;
		return;
	}
	upstream->sent = true;
	upstream->active_ms = clock_now_ms();
}

/* How many bytes are done with. */
static size_t
send_some(Upstream *upstream, const char *bytes, size_t length)
{
	size_t		  sent;
	ChannelResult result = channel_send(&upstream->channel, bytes, length, &sent);

	note_result(upstream, result);
	return upstream->deaf ? length : sent;
}

void
upstream_send(Upstream *upstream, const char *bytes, size_t length)
{
	size_t sent = 0;

	batch_settle(&upstream->channel);
	if (upstream->phase == UPSTREAM_CLOSED || upstream->deaf || length == 0)
		return;
	if (upstream->phase != UPSTREAM_CONNECTING && !upstream_blocked(upstream))
	{
		sent = send_some(upstream, bytes, length);
		if (sent == length)
			return;
		event_add(&upstream->write_event, NULL);
	}
	buffer_append(&upstream->out, bytes + sent, length - sent);
}

static void
on_posted(void *context, const char *bytes, size_t length, ChannelResult result, size_t sent)
{
	Upstream *upstream = context;

	note_result(upstream, result);
	if (upstream->deaf || sent == length)
		return;
	event_add(&upstream->write_event, NULL);
	buffer_append(&upstream->out, bytes + sent, length - sent);
}

void
upstream_post(Upstream *upstream, const char *bytes, size_t length)
{
	if (upstream->phase == UPSTREAM_CLOSED || upstream->phase == UPSTREAM_CONNECTING ||
		upstream->deaf || upstream_blocked(upstream) ||
		!batch_post(&upstream->channel, bytes, length, on_posted, upstream))
		upstream_send(upstream, bytes, length);
}

/* To a server that does not listen, what was in the pipe is nothing more. */
static void
send_pipe(Upstream *upstream)
{
	Pipe **pipe = &upstream->exchange->upload;

	note_result(upstream, splice_send(pipe, upstream->channel.fd));
	if (!upstream->deaf)
		return;
	splice_drop(*pipe);
	*pipe = NULL;
}

void
upstream_send_pipe(Upstream *upstream)
{
	send_pipe(upstream);
	if (upstream_blocked(upstream))
		event_add(&upstream->write_event, NULL);
}

static void
on_writable(evutil_socket_t fd, short what, void *context)
{
	Upstream *upstream = context;

	(void) fd;
	(void) what;
	if (upstream->phase == UPSTREAM_CONNECTING)
	{
		if (upstream->shaking)
			shake_hands(upstream);
		else
			on_connected(upstream);
		if (upstream->phase == UPSTREAM_CLOSED || upstream->phase == UPSTREAM_CONNECTING)
			return;
	}
	if (upstream->channel.read_to_send)
	{
		on_readable(fd, what, upstream);
		if (upstream->phase == UPSTREAM_CLOSED || upstream->channel.read_to_send)
			return;
		want_reading(upstream, !upstream->paused && !upstream->at_end);
	}
	if (buffer_length(&upstream->out) > 0)
		buffer_consume(&upstream->out, send_some(upstream, buffer_first(&upstream->out),
												 buffer_length(&upstream->out)));
	else if (upstream_blocked(upstream))
		send_pipe(upstream);
	if (upstream_blocked(upstream))
		return;
	event_del(&upstream->write_event);
	buffer_free(&upstream->out);
	if (upstream->shut)
		channel_shut(&upstream->channel);
	if (upstream->exchange != NULL)
		exchange_drained(upstream->exchange);
}

void
upstream_shut(Upstream *upstream)
{
	upstream->shut = true;
	batch_settle(&upstream->channel);
	if (!upstream_blocked(upstream))
		channel_shut(&upstream->channel);
}

/* Takes a head of an answer, if one is complete.  Returns the bytes used. */
static size_t
feed_head(Upstream *upstream, const char *bytes, size_t length)
{
	Exchange	   *exchange = upstream->exchange;
	const Settings *settings = upstream->server->pools->loop->settings;
	size_t			most = settings->max_header_bytes;
	const char	   *problem = NULL;
	HeadResult		result = head_scan(bytes, length, &upstream->scanned, &problem);

	upstream->heard = true;
	if (result == HEAD_MORE && length <= most)
		return 0;
	if (result == HEAD_MORE || (result == HEAD_COMPLETE && upstream->scanned > most))
		problem = "answered with a head that is too large";
	else if (result == HEAD_COMPLETE)
	{
		length = upstream->scanned;
		result = message_response_head(&upstream->answer, bytes, length, exchange->is_head,
									   &parsed_head, &problem);
		if (result == HEAD_LARGE ||
			(result == HEAD_COMPLETE && parsed_head.field_count > settings->max_answer_headers))
		{
			result = HEAD_LARGE;
			problem = "answered with too many header fields";
		}
		if (result == HEAD_COMPLETE && parsed_head.status == 101 &&
			!(exchange->upgrade && parsed_head.upgrades == 1))
			problem = "switches protocols, unasked";
		else if (result == HEAD_COMPLETE && parsed_head.status < 200 &&
				 ++upstream->interims > INTERIMS_MOST)
			problem = "announces its answer without end";
	}
	upstream->scanned = 0;
	if (problem != NULL)
	{
		retry_broken(exchange, problem, false);
		return length;
	}
	upstream->active_ms = clock_now_ms();
	if (exchange_head(exchange, &parsed_head) == EXCHANGE_WAIT)
		return 0;
	if (upstream->phase == UPSTREAM_HEAD && (parsed_head.status >= 200 || parsed_head.status == 101))
		upstream->phase = UPSTREAM_BODY;
	return length;
}

/* Is the answer complete, with nothing of the next one behind it? */
static bool
finish_answer(Upstream *upstream, size_t left)
{
	if (!upstream->answer.complete)
		return false;
	batch_settle(&upstream->channel);
	exchange_answered(upstream->exchange, left == 0 && !upstream->deaf && !upstream->at_end &&
											  !upstream_blocked(upstream));
	return true;
}

/* Nobody has seen what is behind a spliced body; an answer to come would be another user's. */
static void
finish_spliced(Upstream *upstream)
{
	if (upstream->answer.complete)
		finish_answer(upstream, upstream_quiet(upstream) ? 0 : 1);
}

/*
 * Uses bytes as far as that is possible now; returns how many.  When the
 * answer is complete the connection may be closed, idle or already busy with
 * another exchange, so nothing is touched after that.
 */
static size_t
feed(Upstream *upstream, const char *bytes, size_t length)
{
	size_t used = 0;
	size_t step = 1;

	while (used < length && step > 0 && !upstream->paused && upstream->phase == UPSTREAM_HEAD)
	{
		step = feed_head(upstream, bytes + used, length - used);
		used += step;
	}
	if (upstream->phase == UPSTREAM_BODY && !upstream->answer.complete && used < length)
	{
		if (message_body(&upstream->answer, bytes + used, length - used, &step, exchange_body,
						 upstream->exchange) == BODY_BAD &&
			upstream->phase == UPSTREAM_BODY)
			retry_broken(upstream->exchange, message_problem(&upstream->answer), false);
		used += step;
	}
	if (upstream->phase == UPSTREAM_CLOSED)
		return length;
	if (upstream->phase == UPSTREAM_BODY && finish_answer(upstream, length - used))
		return length;
	if (upstream->exchange != NULL)
		outbox_flush_answer(upstream->exchange);
	return used;
}

static void
feed_kept(Upstream *upstream)
{
	/* The buffer is taken out first: the connection may be given away in feed. */
	Buffer kept = upstream->in;
	size_t used;

	memset(&upstream->in, 0, sizeof(upstream->in));
	used = feed(upstream, buffer_first(&kept), buffer_length(&kept));
	buffer_consume(&kept, used);
	if (buffer_length(&kept) > 0)
		upstream->in = kept;
	else
		buffer_free(&kept);
}

static ChannelResult
receive(Upstream *upstream)
{
	size_t		  most = channel_read_size(&upstream->channel,
										   upstream->server->pools->loop->settings->buffer_bytes);
	ChannelResult result;
	size_t		  got;
	size_t		  used;

	if (buffer_length(&upstream->in) > 0)
	{
		most = most < READ_MORE_BYTES ? most : READ_MORE_BYTES;
		result = channel_recv(&upstream->channel, buffer_reserve(&upstream->in, most), most, &got);
		if (result == CHANNEL_DONE)
		{
			/* A head has its time as a whole, from its first bytes on. */
			if (upstream->phase != UPSTREAM_HEAD)
				upstream->active_ms = clock_now_ms();
			buffer_filled(&upstream->in, got);
			feed_kept(upstream);
		}
		return result;
	}
	result = channel_recv(&upstream->channel, read_bytes, most, &got);
	if (result == CHANNEL_DONE)
	{
		upstream->active_ms = clock_now_ms();
		used = feed(upstream, read_bytes, got);
		if (used < got)
			buffer_append(&upstream->in, read_bytes + used, got - used);
	}
	return result;
}

/* The body goes on, mostly with all that came; else when the client has taken it. */
static ChannelResult
receive_spliced(Upstream *upstream)
{
	Exchange	 *exchange = upstream->exchange;
	ChannelResult result;

	if (!splice_receive(exchange, &result))
	{
		exchange->splices = false;
		return receive(upstream);
	}
	if (result != CHANNEL_DONE || exchange->over)
		return result;
	upstream->active_ms = clock_now_ms();
	if (client_blocked(exchange->client))
		upstream_pause(upstream);
	else
		finish_spliced(upstream);
	return result;
}

static bool
splices(const Upstream *upstream)
{
	return upstream->phase == UPSTREAM_BODY && upstream->exchange->splices &&
		   buffer_length(&upstream->in) == 0;
}

/* The server sends no more: was that all of the answer? */
static void
on_end(Upstream *upstream, bool in_order)
{
	Exchange *exchange = upstream->exchange;

	upstream->at_end = true;
	if (exchange->tunnel != NULL)
		tunnel_server_ended(exchange->tunnel, in_order);
	else if (upstream->phase == UPSTREAM_BODY && in_order && message_end(&upstream->answer))
		exchange_answered(exchange, false);
	else if (upstream->phase == UPSTREAM_BODY)
		retry_broken(exchange, "closed the connection in the middle of its answer", false);
	else
		retry_broken(exchange,
					 upstream->heard ? "closed the connection in the middle of a head"
									 : "closed the connection without an answer",
					 !upstream->heard);
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
	Upstream	 *upstream = context;
	ChannelResult result;

	(void) fd;
	(void) what;
	if (upstream->phase == UPSTREAM_CONNECTING)
	{
		shake_hands(upstream);
		if (upstream->phase == UPSTREAM_HEAD)
			on_writable(fd, what, upstream);
		return;
	}
	if (upstream->phase == UPSTREAM_IDLE)
	{
		if (!channel_quiet(&upstream->channel))
			upstream_close(upstream);
		return;
	}
	result = splices(upstream) ? receive_spliced(upstream) : receive(upstream);
	if (upstream->channel.read_to_send)
	{
		want_reading(upstream, false);
		event_add(&upstream->write_event, NULL);
	}
	if (result == CHANNEL_END || result == CHANNEL_BROKEN)
		on_end(upstream, result == CHANNEL_END);
}

void
upstream_pause(Upstream *upstream)
{
	upstream->paused = true;
	want_reading(upstream, false);
}

void
upstream_resume(Upstream *upstream)
{
	if (upstream->phase == UPSTREAM_CLOSED || upstream->phase == UPSTREAM_CONNECTING ||
		upstream->at_end)
		return;
	upstream->paused = false;
	want_reading(upstream, true);
	upstream->active_ms = clock_now_ms();
	if (upstream->phase != UPSTREAM_IDLE && buffer_length(&upstream->in) > 0)
		feed_kept(upstream);
	else if (splices(upstream))
		finish_spliced(upstream);
}

bool
upstream_connecting(const Upstream *upstream)
{
	return upstream->phase == UPSTREAM_CONNECTING;
}

bool
upstream_awaits_head(const Upstream *upstream)
{
	return upstream->phase == UPSTREAM_HEAD;
}

const char *
upstream_overdue(const Upstream *upstream, uint64_t now_ms)
{
	const Settings *settings = upstream->server->pools->loop->settings;
	uint64_t		since_ms = now_ms > upstream->active_ms ? now_ms - upstream->active_ms : 0;

	if (upstream->paused)
		return NULL;
	if (upstream->phase == UPSTREAM_CONNECTING && since_ms > settings->connect_timeout_ms)
		return "could not be connected in time";
	if (upstream->phase == UPSTREAM_HEAD && since_ms > settings->server_timeout_ms)
		return "did not answer in time";
	if (upstream->phase == UPSTREAM_BODY && since_ms > settings->idle_timeout_ms)
		return "stopped in the middle of its answer";
	return NULL;
}
