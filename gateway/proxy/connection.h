/*
 * connection.h: a socket in the loop: what has come and is not used, what waits to be sent
 *
 * Clients and servers have one each.  What comes is handed to the owner, and what the owner can't
 * use yet is kept.  What is sent goes at once, as far as the socket takes it; the rest waits here, and
 * the owner is told when it has gone.  While something waits the connection is blocked: whoever has
 * more for it stops reading where that comes from.
 *
 * Life: opening (a server's: connecting, then TLS) -> open -> deaf (sending failed; what the other
 * side said before may still come) -> closed.
 */
#ifndef GATEWAY_PROXY_CONNECTION_H
#define GATEWAY_PROXY_CONNECTION_H

#include "base/buffer.h"
#include "loop/loop.h"
#include "net/channel.h"

struct Pipe;

/* Each may close the connection. */
typedef struct ConnectionHandlers
{
	/* Something may have come: time for connection_receive. */
	void (*readable)(void *owner);
	/* It came; returns how much was used.  The rest comes again, with more or by connection_feed. */
	size_t (*bytes)(void *owner, const char *bytes, size_t length);
	/* Nothing waits any more. */
	void (*drained)(void *owner);
	/* It has become deaf: nothing is sent any more, and nothing waits. */
	void (*deaf)(void *owner);
	/* While it is opening: goes on with that.  NULL: it never is. */
	void (*opening)(void *owner);
	/* What has happened while it was watched, as poll() says.  NULL: it never is. */
	void (*stirred)(void *owner, short events);
} ConnectionHandlers;

typedef struct Connection
{
	const ConnectionHandlers *handlers;
	void					 *owner; /* of these; borrowed */
	const Loop				 *loop;
	Channel					  channel;
	struct event			  read_event;
	struct event			 *write_event; /* owned; NULL: not waited for */
	Buffer					  in;		   /* came, and was not used yet */
	Buffer					  out;		   /* waits to be sent */
	struct Pipe				 *pipe;		   /* owned; NULL: none; waits behind out (splice.h) */
	uint64_t				  given;	   /* bytes that were to be sent, ever */
	uint64_t				  active_ms;   /* when bytes went last; its owner sets it, too */
	bool					  opening;	   /* nothing can be sent yet */
	bool					  reading;	   /* it is to be read */
	bool					  armed;	   /* read_event is added for that */
	bool					  watched;	   /* it is, and only tells that something has come */
	bool					  feeding;	   /* the handler for bytes is on the stack */
	bool					  sent;		   /* bytes went, since its owner cleared this */
	bool					  deaf;
	bool					  at_end; /* the owner's: the other side sends no more */
	bool					  shut;	  /* when all is sent, say that no more comes */
	bool					  closed;
} Connection;

/* All zero before; the socket is non-blocking and consumed.  Not read yet. */
extern void connection_init(Connection *connection, const Loop *loop, int fd,
							const ConnectionHandlers *handlers, void *owner);

/* Closes the socket; reset: so that nobody takes that for an end in order.  No handler is called. */
extern void connection_close(Connection *connection, bool reset);

/* When nobody is left further up the stack: gives its memory back. */
extern void connection_free(Connection *connection);

/* Is it to be read from now on? */
extern void connection_want_reading(Connection *connection, bool want);

/* Has the handler for opening called when the socket can be written. */
extern void connection_want_writing(Connection *connection, bool want);

/* Reads once, and hands on.  The result is the channel's; an end is for the owner to deal with. */
extern ChannelResult connection_receive(Connection *connection);

/* Hands on what was kept, unless that is being done. */
extern void connection_feed(Connection *connection);

/*
 * While it is not read: has stirred called for what happens, as resets and ends.  Until it is read,
 * or something waits to be sent.
 */
extern void connection_watch(Connection *connection);

/* Has the loop heard of anything that it has not told yet? */
extern bool connection_stirs(Connection *connection);

/* Sends what the socket takes, and keeps the rest. */
extern void connection_send(Connection *connection, const char *bytes, size_t length);

/*
 * The same for what nothing follows for now: it goes at the end of the loop's turn at the latest, with
 * that of others (batch.h).  Until then it counts as sent.
 */
extern void connection_post(Connection *connection, const char *bytes, size_t length);

/* The same for its pipe, into which so many bytes more came. */
extern void connection_send_pipe(Connection *connection, size_t more);

/* Says, once all is sent, that no more comes. */
extern void connection_shut(Connection *connection);

/* Does anything wait to be sent? */
static inline bool
connection_blocked(const Connection *connection)
{
	return buffer_length(&connection->out) > 0 || connection->pipe != NULL;
}

/* Without TLS? */
static inline bool
connection_plain(const Connection *connection)
{
	return connection->channel.ssl == NULL;
}

#endif /* GATEWAY_PROXY_CONNECTION_H */
