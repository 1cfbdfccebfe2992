/*
 * exchange.c: one request on its way to a server, and its answer on the way back
 */
#include "proxy/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/grave.h"
#include "base/log.h"
#include "base/memory.h"
#include "journey/journey.h"
#include "lookup/lookup.h"
#include "loop/counters.h"
#include "proxy/access_log.h"
#include "proxy/forward.h"
#include "proxy/misdirect.h"
#include "proxy/named.h"
#include "proxy/outbox.h"
#include "proxy/pool.h"
#include "proxy/retry.h"
#include "proxy/splice.h"
#include "proxy/tunnel.h"
#include "roster/watch.h"
#include "user/redact.h"
#include "user/uid_hash.h"

#define CHUNK_LINE_BYTES 24

static Head again_head; /* for heads that are parsed a second time */

static void on_found(void *owner, Uid *uid);
static void on_unanswered(void *owner, bool at_rest);
static void on_go(void *owner, Side side);
static void on_fail(void *owner, unsigned status, const char *text);
static void on_told(void *owner, Side side, bool known);
static void on_cut(void *owner, const char *why);
static void on_take_back(void *owner);
static void on_of_user(void *owner, Span uid);
static void describe(const void *owner, StreamFacts *facts);

static const AskerHandlers asker_handlers = {
	.found = on_found,
	.unanswered = on_unanswered,
};

static const TravellerHandlers traveller_handlers = {
	.go = on_go,
	.fail = on_fail,
	.told = on_told,
	.cut = on_cut,
	.take_back = on_take_back,
	.of_user = on_of_user,
	.describe = describe,
};

static Proxy *
proxy_of(const Exchange *exchange)
{
	return client_proxy(exchange->client);
}

static bool
method_idempotent(unsigned method)
{
	return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_PUT ||
		   method == HTTP_DELETE || method == HTTP_OPTIONS || method == HTTP_TRACE;
}

/* Those that ask for nothing to be changed. */
static bool
method_safe(unsigned method)
{
	return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_OPTIONS ||
		   method == HTTP_TRACE;
}

static HeadPart
part_of(Span raw, Span part)
{
	return (HeadPart){(uint32_t) (part.bytes - raw.bytes), (uint32_t) part.length};
}

static void
begin_record(ExchangeRecord *record, const Head *head, Span raw)
{
	Span value;

	record->began_us = clock_now_us();
	record->line = part_of(raw, head->line);
	if (head_find(head, "Referer", &value))
		record->referer = part_of(raw, value);
	if (head_find(head, "User-Agent", &value))
		record->agent = part_of(raw, value);
}

Exchange *
exchange_new(Client *client, const Head *head, Span raw, const Message *message)
{
	Exchange *exchange = memory_zeroed(sizeof(*exchange));
	Span	  protocols;

	exchange->client = client;
	exchange->asker = (Asker){.handlers = &asker_handlers, .owner = exchange};
	exchange->traveller = (Traveller){.handlers = &traveller_handlers, .owner = exchange};
	exchange->traveller.client = client_peer(client);
	exchange->request = *message;
	buffer_append(&exchange->head, raw.bytes, raw.length);
	exchange->client_minor = head->minor;
	exchange->is_head = head->method == HTTP_HEAD;
	exchange->idempotent = method_idempotent(head->method);
	exchange->safe = method_safe(head->method);
	exchange->keep_alive = head->keep_alive;
	exchange->chunked = head->chunked;
	exchange->request_done = !head->body_follows;
	exchange->kept.expected = head->content_length;
	exchange->upgrade = forward_upgrade(head, &protocols);
	exchange->replayable = true;
	proxy_of(exchange)->in_flight++;
	proxy_of(exchange)->loop->counters.requests++;
	if (access_log_wanted())
		begin_record(&exchange->record, head, raw);
	return exchange;
}

void
exchange_start(Exchange *exchange, const Head *head)
{
	const Settings *settings = proxy_of(exchange)->loop->settings;
	UidResult		result;
	Uid				uid;

	exchange->fresh_head = head;
	result = uid_extract(&settings->uid, &settings->token, head, &uid);
	counters_add_uid(&proxy_of(exchange)->loop->counters, watch_uid_type(proxy_of(exchange)->watch),
					 result, &uid);
	switch (result)
	{
		case UID_FOUND:
			journey_route(proxy_of(exchange)->journeys, &exchange->traveller, &uid);
			break;
		case UID_ASK:
			exchange->uid_place = uid.place;
			lookup_user(proxy_of(exchange)->lookups, &exchange->asker,
						client_host(exchange->client), &uid);
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
	Proxy	 *proxy = proxy_of(exchange);

	counters_add_found(&proxy->loop->counters, watch_uid_type(proxy->watch), exchange->uid_place,
					   uid);
	if (uid != NULL)
		journey_route(proxy->journeys, &exchange->traveller, uid);
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

void
exchange_of_user(Exchange *exchange, Span uid)
{
	if (!access_log_wanted())
		return;
	exchange->record.has_uid = true;
	exchange->record.uid_hash = uid_hash(uid);
}

static void
release_exchange(void *thing)
{
	Exchange *exchange = thing;

	buffer_free(&exchange->head);
	replay_free(&exchange->kept);
	message_free(&exchange->request);
	free(exchange);
}

/* Marks the exchange over and gives back all it has, but the client. */
static void
retire(Exchange *exchange)
{
	exchange->over = true;
	if (access_log_wanted())
		access_log_exchange(exchange);
	outbox_drop(exchange);
	if (exchange->upstream != NULL)
		upstream_close(exchange->upstream);
	exchange->upstream = NULL;
	splice_drop(exchange->pipe);
	exchange->pipe = NULL;
	splice_drop(exchange->upload);
	exchange->upload = NULL;
	proxy_of(exchange)->in_flight--;
	tunnel_free(exchange->tunnel);
	exchange->tunnel = NULL;
	journey_leave(&exchange->traveller);
	lookup_leave(&exchange->asker);
	grave_bury(exchange, release_exchange);
}

void
exchange_abort(Exchange *exchange)
{
	if (!exchange->over)
		retire(exchange);
}

static void
finish(Exchange *exchange, bool keep_alive)
{
	Client *client = exchange->client;
	bool	unread = !exchange->request_done;

	if (exchange->over)
		return;
	retire(exchange);
	client_finished(client, keep_alive, unread);
}

const char *
exchange_line(const Exchange *exchange)
{
	Buffer			  covered = {0};
	const char		 *quoted;
	const Proxy		 *proxy = proxy_of(exchange);
	const UidSources *sources = &proxy->loop->settings->uid;
	Span			  line = {buffer_first(&exchange->head), 0};
	const char		 *end = memchr(line.bytes, '\r', buffer_length(&exchange->head));

	line.length = (size_t) (end - line.bytes);
	if (!redact_wanted(sources))
		return log_quote(line.bytes, line.length);
	redact_line(&covered, sources, watch_uid_type(proxy->watch), line);
	quoted = log_quote(buffer_first(&covered), buffer_length(&covered));
	buffer_free(&covered);
	return quoted;
}

static const char *
server_text(const Exchange *exchange)
{
	return exchange->upstream != NULL ? exchange->upstream->server->address.text : "";
}

/* Closing is the only way left to say that the answer is not whole. */
static void
break_off(Exchange *exchange)
{
	if (exchange->framing == FRAMING_CLOSE)
		client_reset(exchange->client);
	else
		client_close(exchange->client);
}

/* The answer has begun and goes no further: the client sees that it is not whole. */
static void
on_cut(void *owner, const char *why)
{
	Exchange *exchange = owner;

	if (exchange->tunnel != NULL)
	{
		tunnel_close(exchange->tunnel, why);
		return;
	}
	log_info("client %s: answer cut off: %s: %s", client_peer(exchange->client), why,
			 exchange_line(exchange));
	proxy_of(exchange)->loop->counters.streams_ended++;
	break_off(exchange);
}

void
exchange_fail(Exchange *exchange, unsigned status, const char *text)
{
	Client *client = exchange->client;
	bool	keep_alive =
		exchange->keep_alive && exchange->request_done && !proxy_of(exchange)->loop->stopping;

	if (exchange->over)
		return;
	log_write(status >= 500 ? LOG_WARNING : LOG_INFO, "client %s: %u: %s%s%s: %s",
			  client_peer(client), status, text, exchange->upstream != NULL ? ": server " : "",
			  server_text(exchange), exchange_line(exchange));
	if (exchange->answer_sent)
	{
		break_off(exchange);
		return;
	}
	exchange->record.status = (uint16_t) status;
	exchange->record.complete = true;
	client_answer(client, status, text, keep_alive, status == 503 ? 1 : 0, !exchange->is_head);
	finish(exchange, keep_alive);
}

const Head *
exchange_request(const Exchange *exchange)
{
	Message		message = {0};
	const char *problem;

	/* It was good when it came. */
	if (message_request_head(&message, buffer_first(&exchange->head),
							 buffer_length(&exchange->head), &again_head, &problem) != HEAD_COMPLETE)
		abort();
	return &again_head;
}

static void
put_head(Exchange *exchange)
{
	const Head	  *head = exchange->fresh_head;
	ForwardRequest facts = {
		.peer = client_host(exchange->client),
		.secure = client_secure(exchange->client),
		.side = side_name(exchange->traveller.side),
		.release = proxy_of(exchange)->loop->settings->release,
		.user = exchange->named ? journey_uid(&exchange->traveller) : (Span){"", 0},
		.own_cookies = proxy_of(exchange)->loop->settings->cookies.names,
	};

	if (head == NULL)
		head = exchange_request(exchange);
	forward_request(outbox_request(exchange), head, &facts);
}

/* Sends what is kept of the body, as far as the server takes it. */
static void
resend(Exchange *exchange)
{
	Span piece;

	while (!upstream_blocked(exchange->upstream))
	{
		switch (replay_take(&exchange->kept, &piece))
		{
			case REPLAY_PIECE:
				outbox_put_request(exchange, piece.bytes, piece.length);
				break;
			case REPLAY_DONE:
				return;
			case REPLAY_BROKEN:
				exchange_fail(exchange, 503, "the body that was kept cannot be read again");
				return;
		}
	}
}

void
exchange_send_on(Exchange *exchange, Upstream *upstream)
{
	exchange->upstream = upstream;
	exchange->record.server = upstream->server->address.text;
	put_head(exchange);
	replay_rewind(&exchange->kept);
	resend(exchange);
	/* A fresh head's body may be right behind it: the client flushes. */
	if (exchange->fresh_head == NULL && !exchange->over)
		client_resume(exchange->client);
}

void
exchange_send(Exchange *exchange, bool fresh)
{
	Upstream *upstream =
		pool_take(proxy_of(exchange)->pools->sides[exchange->traveller.side], exchange, fresh);

	if (upstream != NULL)
	{
		exchange->starved_until_ms = 0;
		exchange_send_on(exchange, upstream);
	}
	else if (exchange->starved)
		exchange_wait(exchange);
	else
		exchange_fail(exchange, 502, "no server could be reached");
}

void
exchange_wait(Exchange *exchange)
{
	uint64_t now_ms = clock_now_ms();

	if (exchange->starved_until_ms == 0)
		exchange->starved_until_ms =
			now_ms + proxy_of(exchange)->loop->settings->connect_timeout_ms;
	else if (now_ms > exchange->starved_until_ms)
		exchange_fail(exchange, 503, "the gateway can open no more connections");
}

void
exchange_go(Exchange *exchange, Side side)
{
	exchange->traveller.side = side;
	exchange->tried = 0;
	exchange_send(exchange, false);
}

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

/* No answer has begun, and all that was sent is kept. */
static void
on_take_back(void *owner)
{
	Exchange *exchange = owner;

	log_info("client %s: taken back from server %s: %s", client_peer(exchange->client),
			 server_text(exchange), exchange_line(exchange));
	outbox_drop(exchange);
	upstream_close(exchange->upstream);
	exchange->upstream = NULL;
	proxy_of(exchange)->loop->counters.polls_again++;
}

bool
exchange_takes_body(const Exchange *exchange)
{
	return !exchange->request_done && exchange->upstream != NULL && !exchange->traveller.held &&
		   !exchange->kept.behind && !upstream_blocked(exchange->upstream);
}

bool
exchange_keeps_body(const Exchange *exchange)
{
	return exchange->replayable;
}

static void
keep_for_replay(Exchange *exchange, const char *bytes, size_t length)
{
	const Settings *settings = proxy_of(exchange)->loop->settings;
	ReplayLimits	limits = {
		   .memory_bytes = settings->replay_bytes,
		   .total_bytes = settings->replay_spool_total_bytes,
		   .directory = settings->spool_dir,
	   };

	if (!exchange_keeps_body(exchange))
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

/* A piece of the request's body, without framing. */
static void
take_piece(void *context, const char *bytes, size_t length)
{
	Exchange *exchange = context;
	char	  line[CHUNK_LINE_BYTES];

	if (exchange->over || exchange->upstream == NULL)
		return;
	exchange->body_wait.bytes += length;
	if (exchange->tunnel == NULL &&
		limit_body(proxy_of(exchange)->loop->settings, exchange->body_wait.bytes))
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
exchange_take_body(Exchange *exchange, const char *bytes, size_t length, size_t *used)
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

void
exchange_drained(Exchange *exchange)
{
	if (!exchange->traveller.held)
		resend(exchange);
	if (!exchange->over)
		client_resume(exchange->client);
}

void
exchange_client_drained(Exchange *exchange)
{
	if (exchange->upstream != NULL && !exchange->traveller.held)
		upstream_resume(exchange->upstream);
}

/* This is the answer: there is no other one and no sending again from here on. */
static void
begin_answer(Exchange *exchange, const Head *head)
{
	exchange->answering = true;
	exchange->traveller.since_ms = clock_now_ms();
	exchange->record.status = head->status;
	if (access_log_wanted())
		exchange->record.first_byte_us = clock_now_us();
	exchange->replayable = false;
	replay_end(&exchange->kept);
	proxy_of(exchange)->loop->counters.answers[head->status / 100 < 6 ? head->status / 100 : 5]++;
}

/* The head of an answer, or of an announcement of one, for the client. */
static void
put_answer_head(Exchange *exchange, const Head *head, Framing framing, bool keep_alive)
{
	Buffer			fields = {0};
	ForwardResponse facts = {
		.framing = framing,
		.client_minor = exchange->client_minor,
		.keep_alive = keep_alive,
		.side = proxy_of(exchange)->loop->settings->tell_side ? side_name(exchange->traveller.side)
															  : NULL,
	};

	if (exchange->answering)
		named_cookies(exchange, head, &fields);
	facts.fields = (Span){buffer_first(&fields), buffer_length(&fields)};
	forward_response(outbox_answer(exchange), head, &facts);
	buffer_free(&fields);
}

/* The rest of the connection has no framing and no limit but its own. */
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

ExchangeHead
exchange_head(Exchange *exchange, const Head *head)
{
	const Loop *loop = proxy_of(exchange)->loop;

	pool_answered(exchange->upstream);
	if (head->status >= 200 || head->status == 101)
		named_hear(exchange, head);
	if (head->status == 421 && misdirect_take(exchange))
		return EXCHANGE_WAIT;
	if (head->status == 101)
	{
		switch_protocols(exchange, head);
		return EXCHANGE_PASSED;
	}
	if (head->status < 200)
	{
		if (exchange->client_minor >= 1)
			put_answer_head(exchange, head, FRAMING_NONE, true);
		return EXCHANGE_PASSED;
	}
	begin_answer(exchange, head);
	exchange->endless = exchange->safe && stream_endless(head);
	exchange->server_keeps = head->keep_alive;
	exchange->framing = (uint8_t) forward_framing(head, exchange->client_minor);
	if (exchange->framing == FRAMING_CLOSE || !exchange->request_done || loop->stopping)
		exchange->keep_alive = false;
	put_answer_head(exchange, head, (Framing) exchange->framing, exchange->keep_alive);
	exchange->splices = splice_fits(exchange, head);
	return EXCHANGE_PASSED;
}

void
exchange_body(void *context, const char *bytes, size_t length)
{
	Exchange *exchange = context;

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

static void
put_last_chunk(Exchange *exchange, Span trailers)
{
	outbox_put_answer(exchange, "0\r\n", 3);
	outbox_put_answer(exchange, trailers.bytes, trailers.length);
	outbox_put_answer(exchange, "\r\n", 2);
}

void
exchange_answered(Exchange *exchange, bool reusable)
{
	Upstream *upstream = exchange->upstream;

	if (exchange->framing == FRAMING_CHUNKED)
		put_last_chunk(exchange, message_trailers(&upstream->answer));
	outbox_flush_answer(exchange);
	if (exchange->over)
		return; /* the client is gone, and took all with it */
	exchange->record.complete = true;
	if (reusable && exchange->server_keeps && exchange->request_done && !exchange->kept.behind)
	{
		exchange->upstream = NULL;
		pool_give(upstream);
	}
	finish(exchange, exchange->keep_alive && exchange->request_done);
}

void
exchange_sweep(Exchange *exchange, uint64_t now_ms)
{
	const char *problem;

	if (exchange->traveller.held)
		return; /* the journey looks after it */
	if (exchange->upstream == NULL && exchange->starved_until_ms != 0)
	{
		exchange_send(exchange, false);
		return;
	}
	if (exchange->tunnel != NULL)
	{
		tunnel_sweep(exchange->tunnel, now_ms);
		return;
	}
	problem = exchange->upstream != NULL ? upstream_overdue(exchange->upstream, now_ms) : NULL;
	if (problem == NULL)
		return;
	if (upstream_connecting(exchange->upstream))
		retry_unreachable(exchange, problem, true);
	else if (exchange->request_done || upstream_blocked(exchange->upstream) || exchange->answering)
		retry_overdue(exchange, problem);
}
