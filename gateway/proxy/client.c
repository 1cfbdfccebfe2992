/*
 * client.c: a connection from a client: its life, and what is sent on it
 */
#include "proxy/client_own.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/grave.h"
#include "base/memory.h"
#include "config/limit.h"
#include "http/answer.h"
#include "net/batch.h"
#include "net/tls.h"
#include "proxy/access_log.h"
#include "proxy/outbox.h"
#include "proxy/splice.h"
#include "proxy/tunnel.h"

#define LINGER_MS 2000

static void on_writable(evutil_socket_t fd, short what, void *context);

void
client_accept(Proxy *proxy, int fd, const struct sockaddr *peer, const Address *listener)
{
	Client *client = memory_zeroed(sizeof(*client));

	client->proxy = proxy;
	client->channel.fd = fd;
	client->active_ms = clock_now_ms();
	client->named = !listener->proxy;
	client_set_peer(client, peer);
	/* With TLS or a header before it, the head has its time from here on. */
	if (listener->proxy || listener->tls)
		client->head_since_ms = client->active_ms;
	if (listener->tls && client->named)
		client->channel.ssl = tls_for_client(fd);
	client->tls = listener->tls;
	event_assign(&client->read_event, proxy->loop->base, fd, EV_READ | EV_PERSIST, client_readable,
				 client);
	LIST_INSERT_HEAD(&proxy->clients, client, entry);
	proxy->client_count++;
	event_add(&client->read_event, NULL);
	client->reading = true;

	if (proxy->client_count > proxy->loop->settings->max_connections)
	{
		log_warning("client %s: 503: %zu connections are too many", client->peer,
					proxy->client_count);
		access_log_refused(client->host, client->proxy->loop->settings->release, 503);
		client_answer(client, 503, "too many connections", false, 1, true);
		client_finished(client, false, true);
	}
}

/* An event is a third of what a connection costs, and few ever need this one. */
void
client_want_writing(Client *client)
{
	if (client->write_event != NULL)
		return;
	client_unwatch(client);
	client->write_event = event_new(client->proxy->loop->base, client->channel.fd,
									EV_WRITE | EV_PERSIST, on_writable, client);
	if (client->write_event == NULL)
		abort(); /* out of memory */
	event_add(client->write_event, NULL);
}

static void
stop_writing(Client *client)
{
	if (client->write_event != NULL)
		event_free(client->write_event);
	client->write_event = NULL;
}

static void
release_client(void *thing)
{
	Client *client = thing;

	buffer_free(&client->in);
	buffer_free(&client->out);
	free(client);
}

void
client_close(Client *client)
{
	if (client->phase == CLIENT_CLOSED)
		return;
	client->phase = CLIENT_CLOSED;
	batch_settle(&client->channel);
	if (client->exchange != NULL)
		exchange_abort(client->exchange);
	client->exchange = NULL;
	event_del(&client->read_event);
	stop_writing(client);
	channel_close(&client->channel, client->reset);
	LIST_REMOVE(client, entry);
	client->proxy->client_count--;
	client->proxy->client_left(client->proxy->context);
	grave_bury(client, release_client);
}

void
client_reset(Client *client)
{
	client->reset = true;
	client_close(client);
}

void
client_close_idle(Client *client)
{
	batch_settle(&client->channel);
	if (client->phase == CLIENT_OPEN && client->exchange == NULL && client->head_since_ms == 0 &&
		!client_blocked(client))
		client_close(client);
}

bool
client_blocked(const Client *client)
{
	return buffer_length(&client->out) > 0 ||
		   (client->exchange != NULL && client->exchange->pipe != NULL);
}

bool
client_plain(const Client *client)
{
	return client->channel.ssl == NULL;
}

/* What came of sending, with nothing kept before that; now the rest is. */
static void
keep_rest(void *context, const char *bytes, size_t length, ChannelResult result, size_t sent)
{
	Client *client = context;

	if (client->phase == CLIENT_CLOSED)
		return;
	if (result == CHANNEL_BROKEN)
	{
		client_close(client);
		return;
	}
	/* Also when nothing went: from here on it is waited for. */
	client->active_ms = clock_now_ms();
	if (sent == length)
		return;
	client_want_writing(client);
	buffer_append(&client->out, bytes + sent, length - sent);
}

void
client_send(Client *client, const char *bytes, size_t length)
{
	ChannelResult result;
	size_t		  sent;

	batch_settle(&client->channel);
	if (client->phase == CLIENT_CLOSED || length == 0)
		return;
	client->taking.bytes += length;
	if (client_blocked(client))
	{
		buffer_append(&client->out, bytes, length);
		return;
	}
	result = channel_send(&client->channel, bytes, length, &sent);
	keep_rest(client, bytes, length, result, sent);
}

void
client_post(Client *client, const char *bytes, size_t length)
{
	if (client->phase == CLIENT_CLOSED || client_blocked(client) ||
		!batch_post(&client->channel, bytes, length, keep_rest, client))
		client_send(client, bytes, length);
	else
		client->taking.bytes += length;
}

void
client_send_pipe(Client *client, size_t more)
{
	client->taking.bytes += more;
	if (client->phase == CLIENT_CLOSED || buffer_length(&client->out) > 0)
		return;
	switch (splice_send(&client->exchange->pipe, client->channel.fd))
	{
		case CHANNEL_DONE:
			client->active_ms = clock_now_ms();
			break;
		case CHANNEL_TO_READ:
		case CHANNEL_TO_WRITE:
			break;
		case CHANNEL_END:
		case CHANNEL_BROKEN:
			client_close(client);
			return;
	}
	if (client_blocked(client))
		client_want_writing(client);
}

/* Sends what is kept, as far as the socket takes it. */
static void
send_kept(Client *client)
{
	size_t		  sent;
	ChannelResult result = channel_send(&client->channel, buffer_first(&client->out),
										buffer_length(&client->out), &sent);

	if (channel_waits(result))
		return;
	if (result != CHANNEL_DONE)
	{
		client_close(client);
		return;
	}
	client->active_ms = clock_now_ms();
	buffer_consume(&client->out, sent);
	if (buffer_length(&client->out) == 0)
		buffer_free(&client->out);
}

/* The last answer is sent: close, or linger for a client that still sends. */
static void
all_sent(Client *client)
{
	if (!client->unread || client->at_end)
	{
		client_close(client);
		return;
	}
	channel_shut(&client->channel);
	client->phase = CLIENT_LINGERING;
	client->active_ms = clock_now_ms();
	client_want_reading(client, true);
}

static void
on_writable(evutil_socket_t fd, short what, void *context)
{
	Client *client = context;

	if (client->channel.read_to_send)
	{
		client_readable(fd, what, client);
		if (client->phase == CLIENT_CLOSED || client->channel.read_to_send)
			return;
		client_reads_again(client);
	}
	if (!client_blocked(client))
	{
		stop_writing(client);
		return;
	}
	if (buffer_length(&client->out) > 0)
		send_kept(client);
	else
		client_send_pipe(client, 0);
	if (client->phase == CLIENT_CLOSED || client_blocked(client))
		return;
	stop_writing(client);
	if (client->shut)
		channel_shut(&client->channel);
	if (client->phase == CLIENT_CLOSING)
		all_sent(client);
	else if (client->exchange != NULL)
		exchange_client_drained(client->exchange);
	client_resume(client);
}

void
client_shut(Client *client)
{
	client->shut = true;
	batch_settle(&client->channel);
	if (client->phase != CLIENT_CLOSED && !client_blocked(client))
		channel_shut(&client->channel);
}

void
client_answer(Client *client, unsigned status, const char *text, bool keep_alive,
			  unsigned retry_after, bool with_body)
{
	Buffer answer = {0};

	/* Who did not get as far as that can't be told anything. */
	if (!client->named || !channel_ready(&client->channel))
	{
		client_close(client);
		return;
	}
	client->proxy->loop->counters.refused++;
	client->proxy->loop->counters.answers[status / 100]++;
	answer_build(&answer, status, text, keep_alive, retry_after, with_body);
	client_send(client, answer.bytes, buffer_length(&answer));
	buffer_free(&answer);
}

void
client_finished(Client *client, bool keep_alive, bool unread)
{
	client->exchange = NULL;
	if (!keep_alive)
		batch_settle(&client->channel);
	if (client->phase == CLIENT_CLOSED)
		return;
	client->active_ms = clock_now_ms();
	if (keep_alive)
	{
		client_resume(client);
		return;
	}
	client->phase = CLIENT_CLOSING;
	client->unread = unread || buffer_length(&client->in) > 0;
	if (!client_blocked(client))
		all_sent(client);
	else
		client_settle(client);
}

Client *
client_next(const Client *client)
{
	return LIST_NEXT(client, entry);
}

static void
time_out_head(Client *client)
{
	log_info("client %s: 408: the request head did not arrive in time", client->peer);
	access_log_refused(client->host, client->proxy->loop->settings->release, 408);
	client_answer(client, 408, "the request head did not arrive in time", false, 0, true);
	client_finished(client, false, true);
}

/* Stands it still, or has it come too slowly so far? */
static bool
body_too_slow(Client *client, bool idle, uint64_t now_ms)
{
	Exchange *exchange = client->exchange;
	bool	  able = exchange_takes_body(exchange);

	if (exchange->request_done || exchange->tunnel != NULL)
		return false;
	return limit_slow(client->proxy->loop->settings, &exchange->body_wait, able, now_ms) ||
		   (idle && able);
}

/* Does it take what is sent too slowly?  Tunnels have no rate. */
static bool
takes_too_slowly(Client *client, uint64_t now_ms)
{
	bool waits =
		client_blocked(client) && (client->exchange == NULL || client->exchange->tunnel == NULL);

	return limit_slow(client->proxy->loop->settings, &client->taking, waits, now_ms) && waits;
}

void
client_sweep(Client *client, uint64_t now_ms)
{
	uint64_t idle_ms = client->proxy->loop->settings->idle_timeout_ms;
	bool	 idle = now_ms > client->active_ms + idle_ms;
	bool	 slow = takes_too_slowly(client, now_ms);

	client_presence(client, now_ms);
	if (client->phase == CLIENT_CLOSED)
		return;
	if (client->phase == CLIENT_LINGERING)
	{
		if (now_ms > client->active_ms + LINGER_MS)
			client_close(client);
	}
	else if (client_blocked(client) && (idle || slow))
	{
		log_info("client %s: closed: it %s", client->peer,
				 idle ? "does not read" : "reads too slowly");
		/* What the socket still keeps would go on, and its end be taken for that of the answer. */
		client_reset(client);
	}
	else if (client->exchange != NULL && body_too_slow(client, idle, now_ms))
		exchange_fail(client->exchange, 408, "the request body did not arrive in time");
	else if (client->exchange != NULL)
		exchange_sweep(client->exchange, now_ms);
	else if (client->head_since_ms != 0 &&
			 now_ms > client->head_since_ms + client->proxy->loop->settings->header_timeout_ms)
		time_out_head(client);
	else if (client->head_since_ms == 0 && idle)
		client_close(client);
}

const char *
client_peer(const Client *client)
{
	return client->peer;
}

bool
client_secure(const Client *client)
{
	return client->tls;
}

const char *
client_host(const Client *client)
{
	return client->host;
}

Proxy *
client_proxy(const Client *client)
{
	return client->proxy;
}
