/*
 * channel.h: a connected socket, with TLS or without
 *
 * Every call returns its result as a ChannelResult. A plain socket costs one more branch.
 */
#ifndef GATEWAY_NET_CHANNEL_H
#define GATEWAY_NET_CHANNEL_H

#include <errno.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* TLS returns whole records. A buffer to read into has to have room for one record. */
#define CHANNEL_RECORD_BYTES 16384

typedef struct Channel
{
	int		 fd;
	SSL		*ssl;		   /* owned; NULL: plain */
	bool	 broken;	   /* TLS can't be used any more, except to read bytes that came before */
	bool	 unreadable;   /* no more bytes can be read either */
	bool	 shut;		   /* the gateway sends no more */
	bool	 read_to_send; /* TLS has to send before it can receive */
	uint16_t posted;	   /* batch.c's own: the bytes that wait there; 0: none */
} Channel;

typedef enum ChannelResult
{
	CHANNEL_DONE,	  /* at least one byte was moved; or the handshake is over */
	CHANNEL_TO_READ,  /* no byte was moved: go on when the socket is readable */
	CHANNEL_TO_WRITE, /* no byte was moved: go on when the socket is writable */
	CHANNEL_END,	  /* the other side sends no more, and ended in order */
	CHANNEL_BROKEN	  /* nothing more can be moved in this direction */
} ChannelResult;

/* Does the call have to wait for the socket? */
static inline bool
channel_waits(ChannelResult result)
{
	return result == CHANNEL_TO_READ || result == CHANNEL_TO_WRITE;
}

extern ChannelResult channel_tls_recv(Channel *channel, void *bytes, size_t length, size_t *got);
extern ChannelResult channel_tls_send(Channel *channel, const void *bytes, size_t length,
									  size_t *sent);

/*
 * Return the result of a system call that moves bytes. wait is the result if the call would block.
 */
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

/*
 * Receive bytes. *got is the number of bytes, and 0 unless the result is CHANNEL_DONE. length is
 * not 0.
 */
static inline ChannelResult
channel_recv(Channel *channel, void *bytes, size_t length, size_t *got)
{
	if (channel->ssl == NULL)
		return channel_outcome(recv(channel->fd, bytes, length, 0), CHANNEL_TO_READ, got);
	return channel_tls_recv(channel, bytes, length, got);
}

/*
 * Send bytes. *sent is the number of bytes sent, maybe not all, and 0 unless the result is
 * CHANNEL_DONE. The result is never CHANNEL_TO_READ or CHANNEL_END.
 */
static inline ChannelResult
channel_send(Channel *channel, const void *bytes, size_t length, size_t *sent)
{
	if (channel->ssl == NULL)
		return channel_outcome(send(channel->fd, bytes, length, MSG_NOSIGNAL), CHANNEL_TO_WRITE,
							   sent);
	return channel_tls_send(channel, bytes, length, sent);
}

/* Return how many bytes to read at once, if the caller wants to read at most most. */
static inline size_t
channel_read_size(const Channel *channel, size_t most)
{
	return channel->ssl != NULL && most < CHANNEL_RECORD_BYTES ? CHANNEL_RECORD_BYTES : most;
}

/* Can the channel carry bytes yet? */
static inline bool
channel_ready(const Channel *channel)
{
	return channel->ssl == NULL || !SSL_in_init(channel->ssl);
}

/* Do the next step of the TLS handshake with a server. */
extern ChannelResult channel_handshake(Channel *channel);

/* Is there nothing to read, neither bytes nor an end? */
extern bool channel_quiet(Channel *channel);

/* End the sending direction. */
extern void channel_shut(Channel *channel);

/* Close the channel. With reset, the peer can't take this for an end in order. */
extern void channel_close(Channel *channel, bool reset);

#endif /* GATEWAY_NET_CHANNEL_H */
