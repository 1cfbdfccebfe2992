/*
 * channel.h: a connected socket, with TLS on it or not
 *
 * As recv and send: bytes, 0 for an end in order, or -1 with errno, EAGAIN
 * when it would block.  A plain socket costs one branch more.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <sys/socket.h>

/* TLS hands out records whole: what is read into has to have room for one. */
#define CHANNEL_RECORD_BYTES 16384

typedef struct Channel
{
	int	 fd;
	SSL *ssl;		   /* owned; NULL: plain */
	bool broken;	   /* TLS is of no use any more */
	bool read_to_send; /* TLS can't receive before it can send */
} Channel;

typedef enum ChannelStep
{
	CHANNEL_DONE,
	CHANNEL_TO_READ,  /* go on when the socket is readable */
	CHANNEL_TO_WRITE, /* or writable */
	CHANNEL_FAILED
} ChannelStep;

extern ssize_t channel_tls_recv(Channel *channel, void *bytes, size_t length);
extern ssize_t channel_tls_send(Channel *channel, const void *bytes, size_t length);

static inline ssize_t
channel_recv(Channel *channel, void *bytes, size_t length)
{
	if (channel->ssl == NULL)
		return recv(channel->fd, bytes, length, 0);
	return channel_tls_recv(channel, bytes, length);
}

static inline ssize_t
channel_send(Channel *channel, const void *bytes, size_t length)
{
	if (channel->ssl == NULL)
		return send(channel->fd, bytes, length, MSG_NOSIGNAL);
	return channel_tls_send(channel, bytes, length);
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
extern ChannelStep channel_handshake(Channel *channel);

/* Is nothing there, neither bytes nor an end? */
extern bool channel_quiet(Channel *channel);

/* No more is sent. */
extern void channel_shut(Channel *channel);

/* Ends it; reset: so that nobody takes that for an end in order. */
extern void channel_close(Channel *channel, bool reset);

#endif /* CHANNEL_H */
