/*
 * connection.h: a socket in the loop, with the bytes that came and are not used yet, and the
 * bytes that wait to be sent
 *
 * Each client and each server has one. Bytes that come are handed to the owner; bytes that the
 * owner can't use yet are kept. Bytes to send go at once, as far as the socket takes them. The
 * rest waits here, and the owner is told when it has gone. While bytes wait the connection is
 * blocked: whoever has more bytes for it stops reading from their source.
 *
 * Life cycle: opening (a server's connection: connecting, then TLS) -> open -> deaf (sending
 * failed; bytes that the other side sent before may still come) -> closed.
 */
#ifndef GATEWAY_PROXY_CONNECTION_H
#define GATEWAY_PROXY_CONNECTION_H

#include "base/buffer.h"
#include "loop/loop.h"
#include "net/channel.h"

struct Pipe;

/* Each handler may close the connection. */
typedef struct ConnectionHandlers
{
	/* Bytes or an end may have come: the owner calls connection_receive. */
	void (*readable)(void *owner);
	/*
	 * Bytes came; return how many were used. The rest is handed on again, when more comes or by
	 * connection_feed.
	 */
	size_t (*bytes)(void *owner, const char *bytes, size_t length);
	/* Nothing waits to be sent any more. */
	void (*drained)(void *owner);
	/* The connection has become deaf: nothing is sent any more, and nothing waits. */
	void (*deaf)(void *owner);
	/*
	 * The socket of an opening connection is ready: go on with opening. NULL: the connection
	 * never is opening.
	 */
	void (*opening)(void *owner);
	/*
	 * Events, as of poll(), have happened while the connection was watched. NULL: it is never
	 * watched.
	 */
	void (*stirred)(void *owner, short events);
} ConnectionHandlers;

typedef struct Connection
{
	const ConnectionHandlers *handlers;
	void					 *owner; /* of the handlers; borrowed */
	const Loop				 *loop;
	Channel					  channel;
	struct event			  read_event;
	struct event			 *write_event; /* owned; NULL: nobody waits for writing */
	Buffer					  in;		   /* bytes that came and were not used yet */
	Buffer					  out;		   /* bytes that wait to be sent */
	struct Pipe				 *pipe;		   /* owned; waits behind out (splice.h); NULL: none */
	uint64_t				  given;	   /* all bytes that were ever to be sent */
	uint64_t				  active_ms;   /* when bytes went last; the owner sets it, too */
	bool					  opening;	   /* nothing can be sent yet */
	bool					  reading;	   /* the owner wants it to be read */
	bool					  armed;	   /* read_event is added for reading */
	bool					  watched;	   /* read_event only tells that something has come */
	bool					  feeding;	   /* the handler for bytes is on the stack */
	bool					  sent;		   /* bytes went since the owner cleared this */
	bool					  deaf;
	bool					  at_end; /* the owner's: the other side sends no more */
	bool					  shut;	  /* when all is sent, say that no more comes */
	bool					  closed;
} Connection;

/* Take over a non-blocking socket. connection is all zero before. Reading is off at first. */
extern void connection_init(Connection *connection, const Loop *loop, int fd,
							const ConnectionHandlers *handlers, void *owner);

/*
 * Close the socket; with reset, so that the other side does not take it for an orderly end.
 * Call no handler.
 */
extern void connection_close(Connection *connection, bool reset);

/* Free the connection's memory, once no function up the stack uses it. */
extern void connection_free(Connection *connection);

/* Turn reading on or off. */
extern void connection_want_reading(Connection *connection, bool want);

/* Turn the calls of the handler for opening, when the socket can be written, on or off. */
extern void connection_want_writing(Connection *connection, bool want);

/*
 * Read once, and hand the bytes on. Return the channel's result; the owner has to deal with an
 * end.
 */
extern ChannelResult connection_receive(Connection *connection);

/* Hand on the kept bytes, unless they are being handed on. */
extern void connection_feed(Connection *connection);

/*
 * Watch a connection that is not read: have stirred called for events such as resets and ends.
 * Ends when the connection is read, or when bytes wait to be sent.
 */
extern void connection_watch(Connection *connection);

/* Has the loop heard of an event of this connection that it has not told yet? */
extern bool connection_stirs(Connection *connection);

/* Send as much as the socket takes, and keep the rest. */
extern void connection_send(Connection *connection, const char *bytes, size_t length);

/*
 * Send bytes that nothing follows for now. They go at the end of the loop's turn at the latest,
 * together with the bytes of other connections (batch.h). Until then they count as sent.
 */
extern void connection_post(Connection *connection, const char *bytes, size_t length);

/* Send from the connection's pipe, into which so many bytes more came. */
extern void connection_send_pipe(Connection *connection, size_t more);

/* Tell the other side, once all is sent, that no more comes. */
extern void connection_shut(Connection *connection);

/* Does anything wait to be sent? */
static inline bool
connection_blocked(const Connection *connection)
{
	return buffer_length(&connection->out) > 0 || connection->pipe != NULL;
}

/* Is the connection without TLS? */
static inline bool
connection_plain(const Connection *connection)
{
	return connection->channel.ssl == NULL;
}

#endif /* GATEWAY_PROXY_CONNECTION_H */
