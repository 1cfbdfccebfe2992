/*
 * outbox.c: collects the bytes that go out for an exchange, until the end of a callback
 */
#include "proxy/outbox.h"

#define COPY_LIMIT 16384 /* larger pieces are not collected */

typedef struct Outbox
{
	Buffer	  bytes;
	Exchange *owner; /* NULL: empty */
} Outbox;

static Outbox request_box;
static Outbox answer_box;

Buffer *
outbox_request(Exchange *exchange)
{
	if (request_box.owner != NULL && request_box.owner != exchange)
		outbox_flush_request(request_box.owner);
	request_box.owner = exchange;
	return &request_box.bytes;
}

Buffer *
outbox_answer(Exchange *exchange)
{
	if (answer_box.owner != NULL && answer_box.owner != exchange)
		outbox_flush_answer(answer_box.owner);
	answer_box.owner = exchange;
	return &answer_box.bytes;
}

/*
 * Send bytes to the server. The end of a request has nothing behind it, so it can be posted,
 * and sent together with the bytes of other connections. The same holds for the end of an
 * answer.
 */
static void
send_request(Exchange *exchange, const char *bytes, size_t length)
{
	if (exchange->upstream == NULL)
		return;
	if (exchange->request_done && !exchange_is_tunnel(exchange))
		connection_post(&exchange->upstream->connection, bytes, length);
	else
		connection_send(&exchange->upstream->connection, bytes, length);
}

static void
send_answer(Exchange *exchange, const char *bytes, size_t length)
{
	if (exchange->upstream != NULL && exchange->upstream->answer.complete)
		connection_post(exchange->origin->connection, bytes, length);
	else
		connection_send(exchange->origin->connection, bytes, length);
}

void
outbox_flush_request(Exchange *exchange)
{
	if (request_box.owner != exchange)
		return;
	request_box.owner = NULL;
	send_request(exchange, buffer_first(&request_box.bytes), buffer_length(&request_box.bytes));
	buffer_clear(&request_box.bytes);
}

/* Read nothing more from the server while the client does not read. */
static void
pause_if_blocked(Exchange *exchange)
{
	if (!exchange->over && exchange->upstream != NULL &&
		connection_blocked(exchange->origin->connection))
		upstream_pause(exchange->upstream);
}

void
outbox_flush_answer(Exchange *exchange)
{
	if (answer_box.owner != exchange)
		return;
	answer_box.owner = NULL;
	exchange->answer_sent = exchange->answering;
	send_answer(exchange, buffer_first(&answer_box.bytes), buffer_length(&answer_box.bytes));
	buffer_clear(&answer_box.bytes);
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
	connection_send(&exchange->upstream->connection, bytes, length);
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
	connection_send(exchange->origin->connection, bytes, length);
	pause_if_blocked(exchange);
}

static void
drop(Outbox *box, const Exchange *exchange)
{
	if (box->owner != exchange)
		return;
	box->owner = NULL;
	buffer_clear(&box->bytes);
}

void
outbox_drop(const Exchange *exchange)
{
	drop(&request_box, exchange);
	drop(&answer_box, exchange);
}

void
outbox_close(void)
{
	buffer_free(&request_box.bytes);
	buffer_free(&answer_box.bytes);
}
