/*
 * channel.c: a connected socket, with TLS or without
 *
 * OpenSSL reads one record at a time. A call consumes at most one record, even a record without
 * data. The buffer has room for a whole record, so OpenSSL holds nothing back. So the socket is
 * readable as long as there is something to read, an end included, and a level-triggered loop
 * misses nothing.
 */
#include "net/channel.h"

#include <openssl/err.h>
#include <unistd.h>

#define QUIET_RECORDS 8 /* a peer that sends more records without data is not quiet */

/* Classify a call that did not succeed. The queue of errors was empty before the call. */
static ChannelResult
refused(Channel *channel, int result)
{
	switch (SSL_get_error(channel->ssl, result))
	{
		case SSL_ERROR_WANT_READ:
			return CHANNEL_TO_READ;
		case SSL_ERROR_WANT_WRITE:
			return CHANNEL_TO_WRITE;
		case SSL_ERROR_ZERO_RETURN:
			return CHANNEL_END;
		default:
			/*
			 * This includes an end of the socket without an end of TLS: somebody may have cut the
			 * connection.
			 */
			channel->broken = true;
			return CHANNEL_BROKEN;
	}
}

ChannelResult
channel_tls_recv(Channel *channel, void *bytes, size_t length, size_t *got)
{
	ChannelResult result;

	channel->read_to_send = false;
	*got = 0;
	/* If it is asked again, OpenSSL may say that it waits for bytes that never come. */
	if (channel->unreadable)
		return CHANNEL_BROKEN;
	ERR_clear_error();
	if (SSL_read_ex(channel->ssl, bytes, length, got) == 1)
		return CHANNEL_DONE;
	*got = 0;
	result = refused(channel, 0);
	/* Nor can TLS wait to send, if the gateway has ended its sending direction. */
	if (result == CHANNEL_TO_WRITE && channel->shut)
		result = CHANNEL_BROKEN;
	channel->unreadable = result == CHANNEL_BROKEN;
	channel->read_to_send = result == CHANNEL_TO_WRITE;
	return result;
}

/*
 * Once the other side has ended its direction, OpenSSL reports each failure to send as that end.
 * Also, nothing in the TLS that the gateway speaks has to read before it can write. If the gateway
 * waited to read, the loop would find the socket writable for ever.
 */
static ChannelResult
refused_to_send(Channel *channel)
{
	if (refused(channel, 0) == CHANNEL_TO_WRITE)
		return CHANNEL_TO_WRITE;
	channel->broken = true;
	return CHANNEL_BROKEN;
}

ChannelResult
channel_tls_send(Channel *channel, const void *bytes, size_t length, size_t *sent)
{
	*sent = 0;
	/* Each call sends at most one record. */
	while (*sent < length)
	{
		size_t record;

		ERR_clear_error();
		if (SSL_write_ex(channel->ssl, (const char *) bytes + *sent, length - *sent, &record) == 1)
			*sent += record;
		else if (*sent > 0)
			break; /* the next call finds out why */
		else
			return refused_to_send(channel);
	}
	return CHANNEL_DONE;
}

ChannelResult
channel_handshake(Channel *channel)
{
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(channel->ssl);
	return result == 1 ? CHANNEL_DONE : refused(channel, result);
}

static bool
socket_quiet(const Channel *channel)
{
	char byte;

	return recv(channel->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

bool
channel_quiet(Channel *channel)
{
	char byte;

	if (channel->ssl == NULL)
		return socket_quiet(channel);
	/* A server may have sent tickets for later sessions. They do not count. */
	for (unsigned i = 0; i < QUIET_RECORDS; i++)
	{
		ChannelResult result;

		ERR_clear_error();
		if (SSL_peek(channel->ssl, &byte, 1) > 0)
			return false;
		result = refused(channel, 0);
		channel->unreadable = channel->unreadable || result == CHANNEL_BROKEN;
		if (result != CHANNEL_TO_READ)
			return false;
		if (socket_quiet(channel))
			return true;
	}
	return false;
}

/*
 * Send the end of TLS once: OpenSSL takes a second call for a wish to read the peer's end, and
 * throws away the bytes that come.
 */
static void
say_end(Channel *channel)
{
	if (channel->ssl == NULL || channel->broken || channel->shut || SSL_in_init(channel->ssl))
		return;
	ERR_clear_error();
	SSL_shutdown(channel->ssl);
}

void
channel_shut(Channel *channel)
{
	say_end(channel);
	channel->shut = true;
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
