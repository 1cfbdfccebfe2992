/*
 * channel.h: a connected socket, with TLS on it or not
 *
 * Every call says in one word what came of it.  A plain socket costs one branch more.
 */
#ifndef GATEWAY_NET_CHANNEL_H
#define GATEWAY_NET_CHANNEL_H

#include <errno.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* TLS hands out records whole: what is read into has to have room for one. */
#define CHANNEL_RECORD_BYTES 16384

typedef struct Channel
{
	int		 fd;
	SSL		*ssl;		   /* owned; NULL: plain */
	bool	 broken;	   /* TLS is of no use any more, but for what came before */
	bool	 unreadable;   /* nor is anything to come */
	bool	 shut;		   /* we send no more */
	bool	 read_to_send; /* TLS can't receive before it can send */
	uint16_t posted;	   /* batch.c's own: what waits there; 0: nothing */
} Channel;

typedef enum ChannelResult
{
	CHANNEL_DONE,	  /* bytes went, one at least; or the handshake is over */
	CHANNEL_TO_READ,  /* none could: go on when the socket is readable */
	CHANNEL_TO_WRITE, /* or writable */
	CHANNEL_END,	  /* the other side sends no more, and said so in order */
	CHANNEL_BROKEN	  /* nothing more comes of this direction */
} ChannelResult;

/* Has it to wait for the socket? */
static inline bool
channel_waits(ChannelResult result)
{
	return result == CHANNEL_TO_READ || result == CHANNEL_TO_WRITE;
}

extern ChannelResult channel_tls_recv(Channel *channel, void *bytes, size_t length, size_t *got);
extern ChannelResult channel_tls_send(Channel *channel, const void *bytes, size_t length,
									  size_t *sent);

/* What a system call said that moves bytes; wait: what to do when it would block. */
static inline ChannelResult
channel_outcome(ssize_t moved, ChannelResult wait, size_t *bytes)
{
	*bytes = moved > 0 ? (size_t) moved : 0;
	if (moved > 0)
		return CHANNEL_DONE;
	if (moved == 0)
		return CHANNEL_END;
	return errno == EAGAIN || errno == EINTR ? wait : CHANNEL_BROKEN;
}

/* got: how many bytes came; 0 but for CHANNEL_DONE.  length is not 0. */
static inline ChannelResult
channel_recv(Channel *channel, void *bytes, size_t length, size_t *got)
{
	if (channel->ssl == NULL)
		return channel_outcome(recv(channel->fd, bytes, length, 0), CHANNEL_TO_READ, got);
	return channel_tls_recv(channel, bytes, length, got);
}

/* sent: how many went, maybe not all; 0 but for CHANNEL_DONE.  Waits only to write; never ends. */
static inline ChannelResult
channel_send(Channel *channel, const void *bytes, size_t length, size_t *sent)
{
	if (channel->ssl == NULL)
		return channel_outcome(send(channel->fd, bytes, length, MSG_NOSIGNAL), CHANNEL_TO_WRITE,
							   sent);
	return channel_tls_send(channel, bytes, length, sent);
}

/* How much to read at once, if most was meant to be the limit. */
static inline size_t
channel_read_size(const Channel *channel, size_t most)
{
	return channel->ssl != NULL && most < CHANNEL_RECORD_BYTES ? CHANNEL_RECORD_BYTES : most;
}

/* Can it carry anything yet? */
static inline bool
channel_ready(const Channel *channel)
{
	return channel->ssl == NULL || !SSL_in_init(channel->ssl);
}

/* Makes TLS with a server one step further. */
extern ChannelResult channel_handshake(Channel *channel);

/* Is nothing there, neither bytes nor an end? */
extern bool channel_quiet(Channel *channel);

/* No more is sent. */
extern void channel_shut(Channel *channel);

/* Ends it; reset: so that nobody takes that for an end in order. */
extern void channel_close(Channel *channel, bool reset);

#endif /* GATEWAY_NET_CHANNEL_H */
