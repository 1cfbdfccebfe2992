/*
 * outbox.c: what goes out for an exchange, collected until the end of a callback
 */
#include "proxy/outbox.h"

#include "proxy/client.h"
#include "proxy/upstream.h"

#define COPY_LIMIT 16384 /* larger pieces are not collected */

typedef struct Wire
{
	Buffer	  bytes;
	Exchange *owner; /* NULL: empty */
} Wire;

static Wire request_wire;
static Wire answer_wire;

Buffer *
outbox_request(Exchange *exchange)
{
	if (request_wire.owner != NULL && request_wire.owner != exchange)
		outbox_flush_request(request_wire.owner);
	request_wire.owner = exchange;
	return &request_wire.bytes;
}

Buffer *
outbox_answer(Exchange *exchange)
{
	if (answer_wire.owner != NULL && answer_wire.owner != exchange)
		outbox_flush_answer(answer_wire.owner);
	answer_wire.owner = exchange;
	return &answer_wire.bytes;
}

/* What ends a request or an answer can wait for that of others: there is nothing behind it. */
static void
send_request(Exchange *exchange, const char *bytes, size_t length)
{
	if (exchange->upstream == NULL)
		return;
	if (exchange->request_done && exchange->tunnel == NULL)
		upstream_post(exchange->upstream, bytes, length);
	else
		upstream_send(exchange->upstream, bytes, length);
}

static void
send_answer(Exchange *exchange, const char *bytes, size_t length)
{
	if (exchange->upstream != NULL && exchange->upstream->answer.complete)
		client_post(exchange->client, bytes, length);
	else
		client_send(exchange->client, bytes, length);
}

void
outbox_flush_request(Exchange *exchange)
{
	if (request_wire.owner != exchange)
		return;
	request_wire.owner = NULL;
	send_request(exchange, buffer_first(&request_wire.bytes), buffer_length(&request_wire.bytes));
	buffer_clear(&request_wire.bytes);
}

/* A client that does not read: nothing more is read from the server, either. */
static void
pause_if_blocked(Exchange *exchange)
{
	if (!exchange->over && exchange->upstream != NULL && client_blocked(exchange->client))
		upstream_pause(exchange->upstream);
}

void
outbox_flush_answer(Exchange *exchange)
{
	if (answer_wire.owner != exchange)
		return;
	answer_wire.owner = NULL;
	exchange->answer_sent = exchange->answering;
	send_answer(exchange, buffer_first(&answer_wire.bytes), buffer_length(&answer_wire.bytes));
	buffer_clear(&answer_wire.bytes);
	pause_if_blocked(exchange);
}

void
outbox_put_request(Exchange *exchange, const char *bytes, size_t length)
{
	if (length <= COPY_LIMIT)
	{
		buffer_append(outbox_request(exchange), bytes, length);
		return;
	}
	outbox_flush_request(exchange);
	upstream_send(exchange->upstream, bytes, length);
}

void
outbox_put_answer(Exchange *exchange, const char *bytes, size_t length)
{
	if (length <= COPY_LIMIT)
	{
		buffer_append(outbox_answer(exchange), bytes, length);
		return;
	}
	outbox_flush_answer(exchange);
	exchange->answer_sent = true;
	client_send(exchange->client, bytes, length);
	pause_if_blocked(exchange);
}

static void
drop(Wire *wire, const Exchange *exchange)
{
	if (wire->owner != exchange)
		return;
	wire->owner = NULL;
	buffer_clear(&wire->bytes);
}

void
outbox_drop(const Exchange *exchange)
{
	drop(&request_wire, exchange);
	drop(&answer_wire, exchange);
}

void
outbox_close(void)
{
	buffer_free(&request_wire.bytes);
	buffer_free(&answer_wire.bytes);
}
