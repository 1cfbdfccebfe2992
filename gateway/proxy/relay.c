/*
 * relay.c: the events of a request, and what the gateway does at each
 */
#include "proxy/relay.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "journey/journey.h"
#include "proxy/forward.h"
#include "proxy/misdirect.h"
#include "proxy/named.h"
#include "proxy/outbox.h"
#include "proxy/retry.h"
#include "proxy/splice.h"
#include "proxy/tunnel.h"

#define CHUNK_LINE_BYTES 24

/*
 * Finding the user
 */

void
relay_start(Exchange *exchange, const Head *head)
{
	Proxy		   *proxy = exchange->origin->proxy;
	const Settings *settings = proxy->loop->settings;
	UidResult		result;
	Uid				uid;

	exchange->fresh_head = head;
	result = uid_extract(&settings->uid, &settings->token, head, &uid);
	counters_add_uid(&proxy->loop->counters, exchange_uid_type(exchange), result, &uid);
	switch (result)
	{
		case UID_FOUND:
			journey_route(proxy->journeys, &exchange->traveller, &uid);
			break;
		case UID_ASK:
			exchange->uid_place = uid.place;
			lookup_user(proxy->lookups, &exchange->asker, exchange->origin->host, &uid);
			break;
		case UID_NONE:
			named_start(exchange, head);
			break;
		case UID_UNCLEAR:
			exchange_fail(exchange, 400, "the user id could be read in two ways");
			break;
	}
	exchange->fresh_head = NULL;
}

static void
on_found(void *owner, Uid *uid)
{
	Exchange *exchange = owner;

	counters_add_found(&exchange_loop(exchange)->counters, exchange_uid_type(exchange),
					   exchange->uid_place, uid);
	if (uid != NULL)
		journey_route(exchange->origin->proxy->journeys, &exchange->traveller, uid);
	else if (exchange->fresh_head != NULL)
		named_start(exchange, exchange->fresh_head);
	else
		named_start(exchange, exchange_request(exchange));
}

static void
on_unanswered(void *owner, bool at_rest)
{
	if (at_rest)
		exchange_go(owner, SIDE_PRODUCTION);
	else
		exchange_fail(owner, 503, "whose request it is can't be found out at the moment");
}

static const AskerHandlers asker_handlers = {
	.found = on_found,
	.unanswered = on_unanswered,
};

/*
 * Handlers for the journey
 */

static void
on_go(void *owner, Side side)
{
	exchange_go(owner, side);
}

static void
on_fail(void *owner, unsigned status, const char *text)
{
	exchange_fail(owner, status, text);
}

static void
on_told(void *owner, Side side, bool known)
{
	misdirect_go_on(owner, side, known);
}

static void
on_cut(void *owner, const char *why)
{
	exchange_cut(owner, why);
}

/* Take the request back from its server. Everything that was sent is kept. */
static void
on_take_back(void *owner)
{
	Exchange *exchange = owner;

	log_info("client %s: taken back from server %s: %s", exchange->origin->peer,
			 exchange->upstream != NULL ? exchange->upstream->server->address.text : "",
			 exchange_line(exchange));
	outbox_drop(exchange);
	exchange_drop_upstream(exchange);
	exchange_loop(exchange)->counters.polls_again++;
}

static void
on_of_user(void *owner, Span uid)
{
	exchange_of_user(owner, uid);
}

static void
describe(const void *owner, StreamFacts *facts)
{
	const Exchange *exchange = owner;

	facts->begun = exchange->answering;
	facts->endless = exchange->endless;
	facts->repeatable = exchange->safe && exchange->replayable;
}

static const TravellerHandlers traveller_handlers = {
	.go = on_go,
	.fail = on_fail,
	.told = on_told,
	.cut = on_cut,
	.take_back = on_take_back,
	.of_user = on_of_user,
	.describe = describe,
};

/*
 * The body of the request
 */

static void
keep_for_replay(Exchange *exchange, const char *bytes, size_t length)
{
	const Settings *settings = exchange_loop(exchange)->settings;
	ReplayLimits	limits = {
		   .memory_bytes = settings->replay_bytes,
		   .total_bytes = settings->replay_spool_total_bytes,
		   .directory = settings->spool_dir,
	   };

	if (!exchange->replayable)
		return;
	if (replay_overflows(&exchange->kept, length, limits.memory_bytes) &&
		(exchange->kept.open || journey_may_move(&exchange->traveller)))
		limits.spool_bytes = settings->replay_spool_bytes;
	exchange->replayable = replay_add(&exchange->kept, &limits, bytes, length);
}

static void
put_body(Exchange *exchange, const char *bytes, size_t length)
{
	keep_for_replay(exchange, bytes, length);
	outbox_put_request(exchange, bytes, length);
}

/* Handle a piece of the request's body, without framing. */
static void
take_piece(void *context, const char *bytes, size_t length)
{
	Exchange *exchange = context;
	char	  line[CHUNK_LINE_BYTES];

	if (exchange->over || exchange->upstream == NULL)
		return;
	exchange->body_wait.bytes += length;
	if (!exchange_is_tunnel(exchange) &&
		limit_body(exchange_loop(exchange)->settings, exchange->body_wait.bytes))
	{
		exchange_fail(exchange, 413, "request body too large");
		return;
	}
	if (!exchange->chunked)
	{
		put_body(exchange, bytes, length);
		return;
	}
	put_body(exchange, line, (size_t) snprintf(line, sizeof(line), "%zx\r\n", length));
	put_body(exchange, bytes, length);
	put_body(exchange, "\r\n", 2);
}

BodyResult
relay_take_body(Exchange *exchange, const char *bytes, size_t length, size_t *used)
{
	BodyResult result = message_body(&exchange->request, bytes, length, used, take_piece, exchange);

	if (result == BODY_COMPLETE && !exchange->over)
	{
		exchange->request_done = true;
		if (exchange->chunked)
		{
			Span trailers = message_trailers(&exchange->request);

			put_body(exchange, "0\r\n", 3);
			put_body(exchange, trailers.bytes, trailers.length);
			put_body(exchange, "\r\n", 2);
		}
	}
	return result;
}

/* A body that has to be kept, to be sent again, has to be read, and so is not spliced. */
bool
relay_splices_body(const Exchange *exchange)
{
	return exchange_takes_body(exchange) && !exchange->replayable && !exchange->chunked &&
		   !exchange_is_tunnel(exchange) &&
		   message_left(&exchange->request) >= SPLICE_SMALLEST_REST &&
		   connection_plain(&exchange->upstream->connection) &&
		   !exchange->upstream->connection.deaf && connection_plain(exchange->origin->connection);
}

bool
relay_splice_body(Exchange *exchange, ChannelResult *result)
{
	Connection *to = &exchange->upstream->connection;
	size_t		moved;

	if (!splice_take(exchange->origin->connection->channel.fd, message_left(&exchange->request),
					 &to->pipe, &moved, result))
		return false;
	if (moved == 0)
		return true;
	message_passed(&exchange->request, moved);
	exchange->body_wait.bytes += moved;
	exchange->request_done = exchange->request.complete;
	connection_send_pipe(to, moved);
	return true;
}

void
relay_client_drained(Exchange *exchange)
{
	if (exchange->upstream != NULL && !exchange->traveller.held)
		upstream_resume(exchange->upstream);
}

/*
 * The answer
 */

/* Note that this answer is final: no other answer comes, and the request is not sent again. */
static void
begin_answer(Exchange *exchange, const Head *head)
{
	Counters *counters = &exchange_loop(exchange)->counters;

	exchange->answering = true;
	exchange->traveller.since_ms = clock_now_ms();
	exchange->record.status = head->status;
	if (access_log_wanted())
		exchange->record.first_byte_us = clock_now_us();
	exchange->replayable = false;
	replay_end(&exchange->kept);
	counters->answers[head->status / 100 < 6 ? head->status / 100 : 5]++;
}

/* Write the head of an answer, or of an interim answer, for the client. */
static void
put_answer_head(Exchange *exchange, const Head *head, Framing framing, bool keep_alive)
{
	bool			tell_side = exchange_loop(exchange)->settings->tell_side;
	Buffer			fields = {0};
	ForwardResponse facts = {
		.framing = framing,
		.client_minor = exchange->client_minor,
		.keep_alive = keep_alive,
		.side = tell_side ? side_name(exchange->traveller.side) : NULL,
	};

	if (exchange->answering)
		named_cookies(exchange, head, &fields);
	facts.fields = (Span){buffer_first(&fields), buffer_length(&fields)};
	forward_response(outbox_answer(exchange), head, &facts);
	buffer_free(&fields);
}

/*
 * Turn the exchange into a tunnel. The rest of the connection has no framing, and only the
 * limits of tunnels.
 */
static void
switch_protocols(Exchange *exchange, const Head *head)
{
	begin_answer(exchange, head);
	put_answer_head(exchange, head, FRAMING_NONE, true);
	exchange->framing = FRAMING_CLOSE;
	exchange->keep_alive = false;
	exchange->request_done = false;
	exchange->endless = true;
	tunnel_open(exchange);
}

/* Does the body of the answer go from socket to socket? */
static bool
splices(const Exchange *exchange, const Head *head)
{
	if (!connection_plain(&exchange->upstream->connection) ||
		!connection_plain(exchange->origin->connection))
		return false;
	if (exchange->framing == FRAMING_LENGTH)
		return head->content_length >= SPLICE_SMALLEST_BYTES;
	return exchange->framing == FRAMING_CLOSE && !head->chunked;
}

static bool
on_head(void *owner, const Head *head)
{
	Exchange *exchange = owner;

	pool_answered(exchange->upstream);
	if (head->status >= 200 || head->status == 101)
		named_hear(exchange, head);
	if (head->status == 421 && misdirect_take(exchange))
		return false;
	if (head->status == 101)
	{
		switch_protocols(exchange, head);
		return true;
	}
	if (head->status < 200)
	{
		if (exchange->client_minor >= 1)
			put_answer_head(exchange, head, FRAMING_NONE, true);
		return true;
	}
	begin_answer(exchange, head);
	exchange->endless = exchange->safe && stream_endless(head);
	exchange->server_keeps = head->keep_alive;
	exchange->framing = (uint8_t) forward_framing(head, exchange->client_minor);
	if (exchange->framing == FRAMING_CLOSE || !exchange->request_done ||
		exchange_loop(exchange)->stopping)
		exchange->keep_alive = false;
	put_answer_head(exchange, head, (Framing) exchange->framing, exchange->keep_alive);
	exchange->upstream->splices = splices(exchange, head);
	return true;
}

static void
on_body(void *owner, const char *bytes, size_t length)
{
	Exchange *exchange = owner;

	if (exchange->over)
		return;
	exchange->record.answer_bytes += length;
	if (exchange->framing == FRAMING_CHUNKED)
	{
		buffer_number(outbox_answer(exchange), length, 16, 1);
		buffer_text(outbox_answer(exchange), "\r\n");
	}
	outbox_put_answer(exchange, bytes, length);
	if (exchange->framing == FRAMING_CHUNKED && !exchange->over)
		outbox_put_answer(exchange, "\r\n", 2);
}

static bool
on_splice(void *owner, ChannelResult *result)
{
	Exchange   *exchange = owner;
	Upstream   *upstream = exchange->upstream;
	Connection *to = exchange->origin->connection;
	size_t		moved;

	if (!splice_take(upstream->connection.channel.fd, message_left(&upstream->answer), &to->pipe,
					 &moved, result))
		return false;
	if (moved == 0)
		return true;
	message_passed(&upstream->answer, moved);
	exchange->record.answer_bytes += moved;
	exchange->answer_sent = true;
	connection_send_pipe(to, moved);
	if (!exchange->over && connection_blocked(to))
		upstream_pause(upstream);
	return true;
}

static void
on_flush(void *owner)
{
	outbox_flush_answer(owner);
}

static void
on_answered(void *owner, bool reusable)
{
	exchange_answered(owner, reusable);
}

static void
on_drained(void *owner)
{
	exchange_drained(owner);
}

static void
on_ended(void *owner, bool in_order)
{
	tunnel_server_ended(owner, in_order);
}

static void
on_unreachable(void *owner, const char *problem)
{
	retry_unreachable(owner, problem, false);
}

static void
on_broken(void *owner, const char *problem, bool nothing_came)
{
	retry_broken(owner, problem, nothing_came);
}

static const UpstreamHandlers upstream_handlers = {
	.head = on_head,
	.body = on_body,
	.splice = on_splice,
	.flush = on_flush,
	.answered = on_answered,
	.drained = on_drained,
	.ended = on_ended,
	.unreachable = on_unreachable,
	.broken = on_broken,
};

Exchange *
relay_new(const Origin *origin, const Head *head, Span raw, const Message *message)
{
	static const ExchangeHandlers handlers = {
		.asker = &asker_handlers,
		.traveller = &traveller_handlers,
		.upstream = &upstream_handlers,
	};

	return exchange_new(origin, head, raw, message, &handlers);
}

/*
 * Time
 */

void
relay_sweep(Exchange *exchange, uint64_t now_ms)
{
	Upstream   *upstream = exchange->upstream;
	const char *problem;

	if (exchange->traveller.held)
		return; /* the journey looks after it */
	if (upstream == NULL && exchange->starved_until_ms != 0)
	{
		exchange_send(exchange, false);
		return;
	}
	if (exchange_is_tunnel(exchange))
	{
		tunnel_sweep(exchange, now_ms);
		return;
	}
	problem = upstream != NULL ? upstream_overdue(upstream, now_ms) : NULL;
	if (problem == NULL)
		return;
	if (upstream->phase == UPSTREAM_CONNECTING)
		retry_unreachable(exchange, problem, true);
	else if (exchange->request_done || connection_blocked(&upstream->connection) ||
			 exchange->answering)
		retry_overdue(exchange, problem);
}
