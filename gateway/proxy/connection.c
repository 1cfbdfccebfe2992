/*
 * connection.c: a socket in the loop, with the bytes that came and are not used yet, and the
 * bytes that wait to be sent
 *
 * The read event stays armed, and is taken off only for back-pressure. Bytes are read through
 * one buffer of the process. Only bytes that can't be used yet are kept with the connection.
 */
#include "proxy/connection.h"

#include <poll.h>
#include <stdlib.h>

#include "base/clock.h"
#include "net/batch.h"
#include "proxy/splice.h"

#define READ_MORE_BYTES 16384 /* bytes read at once, behind the kept bytes */

static char read_bytes[SETTINGS_BUFFER_BYTES_MAX];

static void on_readable(evutil_socket_t fd, short what, void *context);
static void on_writable(evutil_socket_t fd, short what, void *context);
static void unwatch(Connection *connection);

void
connection_init(Connection *connection, const Loop *loop, int fd,
				const ConnectionHandlers *handlers, void *owner)
{
	connection->handlers = handlers;
	connection->owner = owner;
	connection->loop = loop;
	connection->channel.fd = fd;
	connection->active_ms = clock_now_ms();
	event_assign(&connection->read_event, loop->base, fd, EV_READ | EV_PERSIST, on_readable,
				 connection);
}

static void
stop_writing(Connection *connection)
{
	if (connection->write_event != NULL)
		event_free(connection->write_event);
	connection->write_event = NULL;
}

void
connection_close(Connection *connection, bool reset)
{
	connection->closed = true;
	event_del(&connection->read_event);
	stop_writing(connection);
	splice_drop(connection->pipe);
	connection->pipe = NULL;
	channel_close(&connection->channel, reset);
}

void
connection_free(Connection *connection)
{
	buffer_free(&connection->in);
	buffer_free(&connection->out);
}

/*
 * Reading
 */

/*
 * Add or delete the read event. It is not added while TLS has to send before it reads on: the
 * socket may be readable, and would wake the loop for ever.
 */
static void
arm(Connection *connection)
{
	bool want = connection->reading && !connection->channel.read_to_send;

	if (want == connection->armed)
		return;
	if (want)
	{
		unwatch(connection);
		event_add(&connection->read_event, NULL);
	}
	else
		event_del(&connection->read_event);
	connection->armed = want;
}

void
connection_want_reading(Connection *connection, bool want)
{
	connection->reading = want;
	arm(connection);
}

static size_t
hand_on(Connection *connection, const char *bytes, size_t length)
{
	size_t used;

	connection->feeding = true;
	used = connection->handlers->bytes(connection->owner, bytes, length);
	connection->feeding = false;
	return used;
}

void
connection_feed(Connection *connection)
{
	Buffer *in = &connection->in;

	if (connection->feeding || buffer_length(in) == 0)
		return;
	buffer_consume(in, hand_on(connection, buffer_first(in), buffer_length(in)));
	if (buffer_length(in) == 0 && !connection->closed)
		buffer_free(in);
}

static ChannelResult
receive_more(Connection *connection, size_t most)
{
	Buffer		 *in = &connection->in;
	size_t		  got;
	ChannelResult result;

	most = most < READ_MORE_BYTES ? most : READ_MORE_BYTES;
	result = channel_recv(&connection->channel, buffer_reserve(in, most), most, &got);
	if (result != CHANNEL_DONE)
		return result;
	buffer_filled(in, got);
	connection_feed(connection);
	return result;
}

static ChannelResult
receive_first(Connection *connection, size_t most)
{
	size_t		  got;
	size_t		  used;
	ChannelResult result = channel_recv(&connection->channel, read_bytes, most, &got);

	if (result != CHANNEL_DONE)
		return result;
	used = hand_on(connection, read_bytes, got);
	if (used < got && !connection->closed)
		buffer_append(&connection->in, read_bytes + used, got - used);
	return result;
}

ChannelResult
connection_receive(Connection *connection)
{
	size_t most = channel_read_size(&connection->channel, connection->loop->settings->buffer_bytes);
	ChannelResult result = buffer_length(&connection->in) > 0 ? receive_more(connection, most)
															  : receive_first(connection, most);

	if (connection->channel.read_to_send && !connection->closed)
	{
		arm(connection);
		connection_want_writing(connection, true);
	}
	return result;
}

bool
connection_stirs(Connection *connection)
{
	/*
	 * libevent sets no priority for an event that waits its turn, not even the only priority
	 * there is.
	 */
	return event_priority_set(&connection->read_event, 0) != 0;
}

/*
 * Watching
 */

static void
on_stir(evutil_socket_t fd, short what, void *context)
{
	Connection	 *connection = context;
	struct pollfd look = {.fd = fd, .events = POLLRDHUP};

	(void) what;
	if (poll(&look, 1, 0) == 1)
		connection->handlers->stirred(connection->owner, look.revents);
}

/* The event is edge-triggered: bytes that are not read must not wake the loop again and again. */
void
connection_watch(Connection *connection)
{
	if (connection->watched)
		return;
	event_assign(&connection->read_event, connection->loop->base, connection->channel.fd,
				 EV_READ | EV_ET | EV_PERSIST, on_stir, connection);
	event_add(&connection->read_event, NULL);
	connection->watched = true;
}

static void
unwatch(Connection *connection)
{
	if (!connection->watched)
		return;
	event_del(&connection->read_event);
	event_assign(&connection->read_event, connection->loop->base, connection->channel.fd,
				 EV_READ | EV_PERSIST, on_readable, connection);
	connection->watched = false;
}

/*
 * Sending
 */

/*
 * The event is made only when needed. It is a third of the memory of a connection, and few
 * connections ever need it.
 */
void
connection_want_writing(Connection *connection, bool want)
{
	if (!want)
		stop_writing(connection);
	if (!want || connection->write_event != NULL)
		return;
	unwatch(connection);
	connection->write_event = event_new(connection->loop->base, connection->channel.fd,
										EV_WRITE | EV_PERSIST, on_writable, connection);
	if (connection->write_event == NULL)
		abort(); /* out of memory */
	event_add(connection->write_event, NULL);
}

/*
 * Note the result of sending. Return false if the connection has become deaf; then it may be
 * closed, too.
 */
static bool
note(Connection *connection, ChannelResult result)
{
	if (channel_waits(result))
		return true;
	if (result == CHANNEL_DONE)
	{
		connection->sent = true;
		connection->active_ms = clock_now_ms();
		return true;
	}
	connection->deaf = true;
	buffer_free(&connection->out);
	splice_drop(connection->pipe);
	connection->pipe = NULL;
	connection->handlers->deaf(connection->owner);
	return false;
}

/* Note the result of sending while nothing was kept, and keep the bytes that were not sent. */
static void
keep_rest(void *context, const char *bytes, size_t length, ChannelResult result, size_t sent)
{
	Connection *connection = context;

	if (connection->closed || !note(connection, result) || sent == length)
		return;
	/* The time is set even if nothing went: from now on the other side is waited for. */
	connection->active_ms = clock_now_ms();
	connection_want_writing(connection, true);
	buffer_append(&connection->out, bytes + sent, length - sent);
}

void
connection_send(Connection *connection, const char *bytes, size_t length)
{
	ChannelResult result;
	size_t		  sent;

	batch_settle(&connection->channel);
	if (connection->closed || connection->deaf || length == 0)
		return;
	connection->given += length;
	if (connection->opening || connection_blocked(connection))
	{
		buffer_append(&connection->out, bytes, length);
		return;
	}
	result = channel_send(&connection->channel, bytes, length, &sent);
	keep_rest(connection, bytes, length, result, sent);
}

void
connection_post(Connection *connection, const char *bytes, size_t length)
{
	if (connection->closed || connection->opening || connection->deaf ||
		connection_blocked(connection) ||
		!batch_post(&connection->channel, bytes, length, keep_rest, connection))
		connection_send(connection, bytes, length);
	else
		connection->given += length;
}

void
connection_send_pipe(Connection *connection, size_t more)
{
	connection->given += more;
	if (connection->closed || buffer_length(&connection->out) > 0)
		return;
	if (note(connection, splice_send(&connection->pipe, connection->channel.fd)) &&
		connection_blocked(connection))
		connection_want_writing(connection, true);
}

void
connection_shut(Connection *connection)
{
	connection->shut = true;
	batch_settle(&connection->channel);
	if (!connection->closed && !connection_blocked(connection))
		channel_shut(&connection->channel);
}

static void
send_kept(Connection *connection)
{
	Buffer		 *out = &connection->out;
	size_t		  sent;
	ChannelResult result =
		channel_send(&connection->channel, buffer_first(out), buffer_length(out), &sent);

	if (!note(connection, result))
		return;
	buffer_consume(out, sent);
	if (buffer_length(out) == 0)
		buffer_free(out);
}

/*
 * Send the waiting bytes, as far as the socket takes them, and tell the owner when all have
 * gone.
 */
static void
send_waiting(Connection *connection)
{
	if (buffer_length(&connection->out) > 0)
		send_kept(connection);
	else if (connection->pipe != NULL)
		connection_send_pipe(connection, 0);
	if (connection->closed)
		return;
	connection_want_writing(connection, connection_blocked(connection));
	if (connection_blocked(connection))
		return;
	if (connection->shut)
		channel_shut(&connection->channel);
	connection->handlers->drained(connection->owner);
}

/* Go on with opening. Return true if the connection has become open. */
static bool
go_on_opening(Connection *connection)
{
	connection->handlers->opening(connection->owner);
	return !connection->closed && !connection->opening;
}

static void
on_writable(evutil_socket_t fd, short what, void *context)
{
	Connection *connection = context;

	(void) fd;
	(void) what;
	if (connection->opening)
	{
		if (go_on_opening(connection))
			send_waiting(connection);
		return;
	}
	if (connection->channel.read_to_send)
	{
		connection->handlers->readable(connection->owner);
		if (connection->closed || connection->channel.read_to_send)
			return;
		arm(connection);
	}
	if (connection_blocked(connection))
		send_waiting(connection);
	else
		stop_writing(connection);
}

static void
on_readable(evutil_socket_t fd, short what, void *context)
{
	Connection *connection = context;

	(void) fd;
	(void) what;
	if (!connection->opening)
		connection->handlers->readable(connection->owner);
	else if (go_on_opening(connection))
		send_waiting(connection);
}
