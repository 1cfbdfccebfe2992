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
#include "net/descriptors.h"
#include "net/tls.h"

#define INTERIMS_MOST 100 /* most answers of 1xx to one request */
#define FULL_PAUSE_MS 10  /* pause before a path is asked again */

static Head parsed_head;

static void	  on_readable(void *owner);
static size_t on_bytes(void *owner, const char *bytes, size_t length);
static void	  on_drained(void *owner);
static void	  on_deaf(void *owner);
static void	  on_opening(void *owner);
static void	  ask_again(evutil_socket_t fd, short what, void *context);

static const ConnectionHandlers handlers = {
	.readable = on_readable,
	.bytes = on_bytes,
	.drained = on_drained,
	.deaf = on_deaf,
	.opening = on_opening,
};

/*
 * Connecting
 */

/* Return an errno, or 0 if the socket is connected or on its way. */
static int
begin_connect(const Address *address, int fd)
{
	if (connect(fd, (const struct sockaddr *) &address->socket, address->socket_length) == 0 ||
		errno == EINPROGRESS)
		return 0;
	return errno;
}

/*
 * Is the listen queue of a path full? The kernel goes on trying a port by itself. But for a
 * path it refuses, and no event tells when there is room.
 */
static bool
queue_full(const Address *address, int problem)
{
	return problem == EAGAIN && address->socket.ss_family == AF_UNIX;
}

static void
unreachable(Upstream *upstream, const char *problem)
{
	upstream->task->handlers->unreachable(upstream->task->owner, problem);
}

static void
await_connection(Upstream *upstream, bool full)
{
	const struct timeval pause = {.tv_usec = FULL_PAUSE_MS * 1000};

	if (!full)
	{
		connection_want_writing(&upstream->connection, true);
		return;
	}
	if (upstream->ask_event == NULL)
		upstream->ask_event = evtimer_new(upstream->server->loop->base, ask_again, upstream);
	if (upstream->ask_event == NULL)
		abort(); /* out of memory */
	event_add(upstream->ask_event, &pause);
}

static void
ask_again(evutil_socket_t fd, short what, void *context)
{
	Upstream	  *upstream = context;
	const Address *address = &upstream->server->address;
	int			   problem = begin_connect(address, upstream->connection.channel.fd);

	(void) fd;
	(void) what;
	if (problem == 0 || queue_full(address, problem))
		await_connection(upstream, problem != 0);
	else
		unreachable(upstream, strerror(problem));
}

Upstream *
upstream_connect(Server *server, const UpstreamTask *task)
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
	upstream->task = task;
	upstream->phase = UPSTREAM_CONNECTING;
	connection_init(&upstream->connection, server->loop, fd, &handlers, upstream);
	upstream->connection.opening = true;
	if (address->tls)
		upstream->connection.channel.ssl = tls_for_server(fd, address);
	await_connection(upstream, problem != 0);
	server->outstanding++;
	return upstream;
}

static void
connected(Upstream *upstream)
{
	upstream->phase = UPSTREAM_HEAD;
	upstream->connection.opening = false;
	upstream->connection.active_ms = clock_now_ms();
	connection_want_reading(&upstream->connection, true);
}

static void
shake_hands(Upstream *upstream)
{
	Connection	 *connection = &upstream->connection;
	ChannelResult step = channel_handshake(&connection->channel);

	if (step != CHANNEL_DONE && !channel_waits(step))
	{
		unreachable(upstream, tls_problem(connection->channel.ssl));
		return;
	}
	connection_want_reading(connection, step == CHANNEL_TO_READ);
	connection_want_writing(connection, step == CHANNEL_TO_WRITE);
	if (step == CHANNEL_DONE)
		connected(upstream);
}

/* The socket is connected, or has failed. TLS then goes on step by step. */
static void
on_opening(void *owner)
{
	Upstream *upstream = owner;
	int		  problem = 0;
	socklen_t size = sizeof(problem);

	if (!upstream->connected)
		getsockopt(upstream->connection.channel.fd, SOL_SOCKET, SO_ERROR, &problem, &size);
	upstream->connected = problem == 0;
	if (problem != 0)
		unreachable(upstream, strerror(problem));
	else if (!connection_plain(&upstream->connection))
		shake_hands(upstream);
	else
		connected(upstream);
}

/*
 * Busy, idle, closed
 */

void
upstream_reuse(Upstream *upstream, const UpstreamTask *task)
{
	upstream->task = task;
	upstream->phase = UPSTREAM_HEAD;
	upstream->reused = true;
	upstream->heard = false;
	upstream->splices = false;
	upstream->interims = 0;
	upstream->connection.sent = false;
	upstream->connection.active_ms = clock_now_ms();
	upstream->server->outstanding++;
}

bool
upstream_stirs(Upstream *upstream)
{
	return connection_stirs(&upstream->connection);
}

bool
upstream_quiet(Upstream *upstream)
{
	return channel_quiet(&upstream->connection.channel);
}

static void
release_upstream(void *thing)
{
	Upstream *upstream = thing;

	connection_free(&upstream->connection);
	message_free(&upstream->answer);
	free(upstream);
}

static void
leave_pool(Upstream *upstream)
{
	LIST_REMOVE(upstream, idle_entry);
	upstream->server->idle--;
}

void
upstream_close(Upstream *upstream)
{
	if (upstream->phase == UPSTREAM_CLOSED)
		return;
	if (upstream->phase == UPSTREAM_IDLE)
		leave_pool(upstream);
	else
		upstream->server->outstanding--;
	if (upstream->trial)
		health_untried(&upstream->server->health);
	upstream->phase = UPSTREAM_CLOSED;
	upstream->task = NULL;
	if (upstream->ask_event != NULL)
		event_free(upstream->ask_event);
	upstream->ask_event = NULL;
	/* A posted request must not be sent any more, since it may be sent again to another server. */
	batch_drop(&upstream->connection.channel);
	connection_close(&upstream->connection, false);
	grave_bury(upstream, release_upstream);
}

void
upstream_rest(Upstream *upstream)
{
	Connection *connection = &upstream->connection;

	upstream->server->outstanding--;
	upstream->phase = UPSTREAM_IDLE;
	upstream->task = NULL;
	upstream->scanned = 0;
	connection->active_ms = clock_now_ms();
	if (!connection->feeding)
		connection_free(connection);
	upstream_resume(upstream);
}

void
upstream_pause(Upstream *upstream)
{
	upstream->paused = true;
	connection_want_reading(&upstream->connection, false);
}

/*
 * Answers
 */

static void
broken(Upstream *upstream, const char *problem, bool nothing_came)
{
	upstream->task->handlers->broken(upstream->task->owner, problem, nothing_came);
}

/* Return what is wrong with a parsed head, or NULL. */
static const char *
problem_of_head(Upstream *upstream, HeadResult result, const char *problem)
{
	const Settings *settings = upstream->server->loop->settings;

	if (result == HEAD_LARGE ||
		(result == HEAD_COMPLETE && parsed_head.field_count > settings->max_answer_headers))
		return "answered with too many header fields";
	if (result != HEAD_COMPLETE)
		return problem;
	if (parsed_head.status == 101 && !(upstream->task->upgrade && parsed_head.upgrades == 1))
		return "switches protocols, unasked";
	if (parsed_head.status < 200 && ++upstream->interims > INTERIMS_MOST)
		return "announces its answer without end";
	return NULL;
}

/* Take a head of an answer, if one is complete. Return the number of bytes used. */
static size_t
feed_head(Upstream *upstream, const char *bytes, size_t length)
{
	const UpstreamTask *task = upstream->task;
	size_t				most = upstream->server->loop->settings->max_header_bytes;
	const char		   *problem = NULL;
	HeadResult			result = head_scan(bytes, length, &upstream->scanned, &problem);

	upstream->heard = true;
	if (result == HEAD_MORE && length <= most)
		return 0;
	if (result == HEAD_MORE || (result == HEAD_COMPLETE && upstream->scanned > most))
		problem = "answered with a head that is too large";
	else if (result == HEAD_COMPLETE)
	{
		length = upstream->scanned;
		result = message_response_head(&upstream->answer, bytes, length, task->is_head,
									   &parsed_head, &problem);
		problem = problem_of_head(upstream, result, problem);
	}
	upstream->scanned = 0;
	if (problem != NULL)
	{
		broken(upstream, problem, false);
		return length;
	}
	upstream->connection.active_ms = clock_now_ms();
	if (!task->handlers->head(task->owner, &parsed_head))
		return 0;
	if (upstream->phase == UPSTREAM_HEAD && (parsed_head.status >= 200 || parsed_head.status == 101))
		upstream->phase = UPSTREAM_BODY;
	return length;
}

/*
 * Hand on a complete answer; it is clean if no bytes of a next answer are behind it. Return
 * false if it is not complete.
 */
static bool
finish_answer(Upstream *upstream, size_t left)
{
	const Connection *connection = &upstream->connection;

	if (!upstream->answer.complete)
		return false;
	batch_settle(&upstream->connection.channel);
	upstream->task->handlers->answered(upstream->task->owner, left == 0 && !connection->deaf &&
																  !connection->at_end &&
																  !connection_blocked(connection));
	return true;
}

/*
 * Finish a spliced answer. Nobody has seen the bytes behind its body, and they would pass for
 * another user's answer. So the socket is looked at.
 */
static void
finish_spliced(Upstream *upstream)
{
	if (upstream->answer.complete)
		finish_answer(upstream, upstream_quiet(upstream) ? 0 : 1);
}

static size_t
feed_body(Upstream *upstream, const char *bytes, size_t length)
{
	const UpstreamTask *task = upstream->task;
	size_t				used;

	if (message_body(&upstream->answer, bytes, length, &used, task->handlers->body, task->owner) ==
			BODY_BAD &&
		upstream->phase == UPSTREAM_BODY)
		broken(upstream, message_problem(&upstream->answer), false);
	return used;
}

/*
 * Use as many bytes as possible now. Return how many. When the answer is complete, the
 * connection may be closed, idle or already busy with another request. So nothing is touched
 * after that.
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
		used += feed_body(upstream, bytes + used, length - used);
	if (upstream->phase == UPSTREAM_CLOSED)
		return length;
	if (upstream->phase == UPSTREAM_BODY && finish_answer(upstream, length - used))
		return length;
	if (upstream->task != NULL)
		upstream->task->handlers->flush(upstream->task->owner);
	return used;
}

static size_t
on_bytes(void *owner, const char *bytes, size_t length)
{
	Upstream *upstream = owner;

	/* A head has its time as a whole, from its first bytes on. */
	if (upstream->phase != UPSTREAM_HEAD || buffer_length(&upstream->connection.in) == 0)
		upstream->connection.active_ms = clock_now_ms();
	return feed(upstream, bytes, length);
}

static bool
splices(const Upstream *upstream)
{
	return upstream->phase == UPSTREAM_BODY && upstream->splices &&
		   buffer_length(&upstream->connection.in) == 0;
}

/*
 * Pass a piece of the body on. Mostly all bytes that came are passed on; the rest goes when the
 * other side has taken this piece.
 */
static ChannelResult
receive_spliced(Upstream *upstream)
{
	const UpstreamTask *task = upstream->task;
	ChannelResult		result;

	if (!task->handlers->splice(task->owner, &result))
	{
		upstream->splices = false;
		return connection_receive(&upstream->connection);
	}
	if (result != CHANNEL_DONE || upstream->phase == UPSTREAM_CLOSED)
		return result;
	upstream->connection.active_ms = clock_now_ms();
	if (!upstream->paused)
		finish_spliced(upstream);
	return result;
}

/* The server sends no more: was the answer complete? */
static void
on_end(Upstream *upstream, bool in_order)
{
	const UpstreamTask *task = upstream->task;

	upstream->connection.at_end = true;
	if (upstream->answer.switched)
		task->handlers->ended(task->owner, in_order);
	else if (upstream->phase == UPSTREAM_BODY && in_order && message_end(&upstream->answer))
		task->handlers->answered(task->owner, false);
	else if (upstream->phase == UPSTREAM_BODY)
		broken(upstream, "closed the connection in the middle of its answer", false);
	else
		broken(upstream,
			   upstream->heard ? "closed the connection in the middle of a head"
							   : "closed the connection without an answer",
			   !upstream->heard);
}

static void
on_readable(void *owner)
{
	Upstream	 *upstream = owner;
	ChannelResult result;

	if (upstream->phase == UPSTREAM_IDLE)
	{
		if (!upstream_quiet(upstream))
			upstream_close(upstream);
		return;
	}
	result =
		splices(upstream) ? receive_spliced(upstream) : connection_receive(&upstream->connection);
	if (result == CHANNEL_END || result == CHANNEL_BROKEN)
		on_end(upstream, result == CHANNEL_END);
}

static void
on_drained(void *owner)
{
	Upstream *upstream = owner;

	if (upstream->task != NULL)
		upstream->task->handlers->drained(upstream->task->owner);
}

/*
 * A server that closed without reading on may have answered before. So sending that fails is
 * not the end: reading finds out whether an answer is there.
 */
static void
on_deaf(void *owner)
{
	(void) owner;
}

void
upstream_resume(Upstream *upstream)
{
	Connection *connection = &upstream->connection;

	if (upstream->phase == UPSTREAM_CLOSED || upstream->phase == UPSTREAM_CONNECTING ||
		connection->at_end)
		return;
	upstream->paused = false;
	connection_want_reading(connection, true);
	connection->active_ms = clock_now_ms();
	if (upstream->phase == UPSTREAM_IDLE)
		return;
	if (buffer_length(&connection->in) > 0)
		connection_feed(connection);
	else if (splices(upstream))
		finish_spliced(upstream);
}

const char *
upstream_overdue(const Upstream *upstream, uint64_t now_ms)
{
	const Settings *settings = upstream->server->loop->settings;
	uint64_t		active_ms = upstream->connection.active_ms;
	uint64_t		since_ms = now_ms > active_ms ? now_ms - active_ms : 0;

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
