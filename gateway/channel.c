/*
 * channel.c: a connected socket, with TLS on it or not
 *
 * OpenSSL reads a record at a time, and a call gives one record at most; with
 * room for a whole one nothing is held back.  So the socket is readable as long
 * as there is something to read, an end included, and a level-triggered loop
 * misses nothing.
 */
#include "channel.h"

#include <errno.h>
#include <openssl/err.h>
#include <unistd.h>

/* What came of a call that did not succeed. */
static ssize_t
failed(Channel *channel, int result, bool reading)
{
	switch (SSL_get_error(channel->ssl, result))
	{
		case SSL_ERROR_WANT_READ:
			errno = EAGAIN;
			return -1;
		case SSL_ERROR_WANT_WRITE:
			channel->read_to_send = reading;
			errno = EAGAIN;
			return -1;
		case SSL_ERROR_ZERO_RETURN:
			return 0;
		default:
			/* Also an end of the socket without one of TLS: somebody may have cut it. */
			channel->broken = true;
			errno = ECONNRESET;
			return -1;
	}
}

ssize_t
channel_tls_recv(Channel *channel, void *bytes, size_t length)
{
	int result;

	channel->read_to_send = false;
	ERR_clear_error();
	result = SSL_read(channel->ssl, bytes, (int) length);
	return result > 0 ? result : failed(channel, result, true);
}

ssize_t
channel_tls_send(Channel *channel, const void *bytes, size_t length)
{
	size_t sent = 0;

	/* A call sends a record at most. */
	while (sent < length)
	{
		int result;

		ERR_clear_error();
		result = SSL_write(channel->ssl, (const char *) bytes + sent, (int) (length - sent));
		if (result <= 0)
			return sent > 0 ? (ssize_t) sent : failed(channel, result, false);
		sent += (size_t) result;
	}
	return (ssize_t) sent;
}

ChannelStep
channel_handshake(Channel *channel)
{
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(channel->ssl);
	if (result == 1)
		return CHANNEL_DONE;
	switch (SSL_get_error(channel->ssl, result))
	{
		case SSL_ERROR_WANT_READ:
			return CHANNEL_TO_READ;
		case SSL_ERROR_WANT_WRITE:
			return CHANNEL_TO_WRITE;
		default:
			channel->broken = true;
			return CHANNEL_FAILED;
	}
}

bool
channel_quiet(Channel *channel)
{
	char byte;
	int	 result;

	if (channel->ssl == NULL)
		return recv(channel->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
	/* A server may have sent tickets for later sessions: those are nothing. */
	ERR_clear_error();
	result = SSL_peek(channel->ssl, &byte, 1);
	return result <= 0 && SSL_get_error(channel->ssl, result) == SSL_ERROR_WANT_READ;
}

static void
say_end(Channel *channel)
{
	if (channel->ssl == NULL || channel->broken || SSL_in_init(channel->ssl))
		return;
	ERR_clear_error();
	SSL_shutdown(channel->ssl);
}

void
channel_shut(Channel *channel)
{
	say_end(channel);
	shutdown(channel->fd, SHUT_WR);
}

void
channel_close(Channel *channel, bool reset)
{
	const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	if (reset)
		setsockopt(channel->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	else
		say_end(channel);
	SSL_free(channel->ssl);
	channel->ssl = NULL;
	close(channel->fd);
}
