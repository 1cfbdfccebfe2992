/*
 * exchange.c: a request on its way to a server, and its answer on the way back
 *
 * Life of a request:
 *
 *   process/listener.c     accepts the connection, which client.c keeps and connection.c reads
 *   client_input.c         finds the end of a head (http/head.c), checks its size (config/limit.c)
 *                          and has it parsed (http/message.c)
 *   relay.c                makes an exchange of it, and finds the user id in it (user/uid.c)
 *     lookup/lookup.c      by a session's value: asks the database whose it is
 *     named.c              without a uid: by a cookie of ours, or as a visitor
 *   journey/journey.c      joins the requests of the same user, and reads in the roster
 *                          (roster/watch.c) which side serves the user (user/decide.c)
 *     journey/hold.c       the user is to be moved: holds the request, until those with servers are
 *                          answered (flight.c) and gray_route has moved the user (mover.c)
 *   exchange_go            sends it to that side: pool.c chooses a server and a connection
 *                          (upstream.c), forward.c writes the head, outbox.c collects the bytes
 *   relay.c                sends the body on as it comes, and keeps it (replay.c) to send it again;
 *                          a body too large to be kept goes from socket to socket (splice.c)
 *     retry.c              the server can't be reached, breaks off or is late: sends it to another
 *   upstream.c             reads the head of the answer, and relay.c passes it on
 *     misdirect.c          a 421: has the journey ask where the user's data is, and sends it there
 *     named.c              X-Gray-User names the user: gives the client a cookie
 *     tunnel.c             a 101: bytes go both ways until one side ends
 *   relay.c                passes the body on; a client that does not read stops the server
 *   exchange_answered      gives the connection back (pool.c), writes the line (access_log.c), and
 *                          leaves the journey, so that a move which waited for it goes on
 *   client.c               reads the next head, or closes
 */
#include "proxy/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/grave.h"
#include "base/log.h"
#include "base/memory.h"
#include "journey/journey.h"
#include "proxy/forward.h"
#include "proxy/outbox.h"
#include "roster/watch.h"
#include "user/redact.h"
#include "user/uid_hash.h"

static Head again_head; /* for a head that is parsed a second time */

/*
 * Beginning and end
 */

static bool
method_idempotent(unsigned method)
{
	return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_PUT ||
		   method == HTTP_DELETE || method == HTTP_OPTIONS || method == HTTP_TRACE;
}

/* Is the method one that asks for no change? */
static bool
method_safe(unsigned method)
{
	return method == HTTP_GET || method == HTTP_HEAD || method == HTTP_OPTIONS ||
		   method == HTTP_TRACE;
}

Exchange *
exchange_new(const Origin *origin, const Head *head, Span raw, const Message *message,
			 const ExchangeHandlers *handlers)
{
	Exchange *exchange = memory_zeroed(sizeof(*exchange));
	Span	  protocols;

	exchange->origin = origin;
	exchange->task = (UpstreamTask){.handlers = handlers->upstream,
									.owner = exchange,
									.is_head = head->method == HTTP_HEAD,
									.upgrade = forward_upgrade(head, &protocols)};
	exchange->asker = (Asker){.handlers = handlers->asker, .owner = exchange};
	exchange->traveller =
		(Traveller){.handlers = handlers->traveller, .owner = exchange, .client = origin->peer};
	exchange->request = *message;
	buffer_append(&exchange->head, raw.bytes, raw.length);
	exchange->client_minor = head->minor;
	exchange->idempotent = method_idempotent(head->method);
	exchange->safe = method_safe(head->method);
	exchange->keep_alive = head->keep_alive;
	exchange->chunked = head->chunked;
	exchange->request_done = !head->body_follows;
	exchange->kept.expected = head->content_length;
	exchange->replayable = true;
	origin->proxy->in_flight++;
	origin->proxy->loop->counters.requests++;
	if (access_log_wanted())
		access_log_begin(&exchange->record, head, raw);
	return exchange;
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

static void
log_access(const Exchange *exchange)
{
	const Settings *settings = exchange_loop(exchange)->settings;
	AccessRequest	request = {
		  .client = exchange->origin->host,
		  .head = {buffer_first(&exchange->head), buffer_length(&exchange->head)},
		  .release = settings->release,
		  .side = side_name(exchange->traveller.side),
		  .retries = exchange->retries,
		  .sources = &settings->uid,
		  .uid_type = exchange_uid_type(exchange),
	  };

	access_log_end(&exchange->record, &request);
}

/* Mark the exchange over, and give back everything that it has but the client. */
static void
retire(Exchange *exchange)
{
	Proxy *proxy = exchange->origin->proxy;

	exchange->over = true;
	if (access_log_wanted())
		log_access(exchange);
	outbox_drop(exchange);
	exchange_drop_upstream(exchange);
	proxy->in_flight--;
	proxy->tunnels -= exchange_is_tunnel(exchange);
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
	const Origin *origin = exchange->origin;
	bool		  unread = !exchange->request_done;

	if (exchange->over)
		return;
	retire(exchange);
	origin_finished(origin, keep_alive, unread);
}

/*
 * Facts of a request
 */

void
exchange_of_user(Exchange *exchange, Span uid)
{
	if (!access_log_wanted())
		return;
	exchange->record.has_uid = true;
	exchange->record.uid_hash = uid_hash(uid);
}

UidType
exchange_uid_type(const Exchange *exchange)
{
	return watch_uid_type(exchange->origin->proxy->watch);
}

const char *
exchange_line(const Exchange *exchange)
{
	Buffer			  covered = {0};
	const char		 *quoted;
	const UidSources *sources = &exchange_loop(exchange)->settings->uid;
	Span			  line = {buffer_first(&exchange->head), 0};
	const char		 *end = memchr(line.bytes, '\r', buffer_length(&exchange->head));

	line.length = (size_t) (end - line.bytes);
	if (!redact_wanted(sources))
		return log_quote(line.bytes, line.length);
	redact_line(&covered, sources, exchange_uid_type(exchange), line);
	quoted = log_quote(buffer_first(&covered), buffer_length(&covered));
	buffer_free(&covered);
	return quoted;
}

const Head *
exchange_request(const Exchange *exchange)
{
	Message		message = {0};
	const char *problem;

	/* The head was good when it came. */
	if (message_request_head(&message, buffer_first(&exchange->head),
							 buffer_length(&exchange->head), &again_head, &problem) != HEAD_COMPLETE)
		abort();
	return &again_head;
}

/*
 * To a server
 */

bool
exchange_repeatable(const Exchange *exchange)
{
	return exchange->replayable && exchange->idempotent;
}

static void
put_head(Exchange *exchange)
{
	const Settings *settings = exchange_loop(exchange)->settings;
	const Head	   *head = exchange->fresh_head;
	ForwardRequest	facts = {
		 .peer = exchange->origin->host,
		 .secure = exchange->origin->secure,
		 .side = side_name(exchange->traveller.side),
		 .release = settings->release,
		 .user = exchange->named ? journey_uid(&exchange->traveller) : (Span){"", 0},
		 .own_cookies = settings->cookies.names,
	 };

	if (head == NULL)
		head = exchange_request(exchange);
	forward_request(outbox_request(exchange), head, &facts);
}

/* Send the kept body, as far as the server takes it. */
static void
resend(Exchange *exchange)
{
	Span piece;

	while (!connection_blocked(&exchange->upstream->connection))
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
	/* The body of a fresh head may be right behind it, so the client flushes. */
	if (exchange->fresh_head == NULL && !exchange->over)
		origin_resume(exchange->origin);
}

Upstream *
exchange_take_upstream(Exchange *exchange, bool fresh)
{
	SearchWish wish = {.fresh = fresh,
					   .repeatable = exchange_repeatable(exchange),
					   .idempotent = exchange->idempotent};
	Pools	  *pools = exchange->origin->proxy->pools;

	return pool_take(pools->sides[exchange->traveller.side], &exchange->search, &wish,
					 &exchange->task);
}

void
exchange_send(Exchange *exchange, bool fresh)
{
	Upstream *upstream = exchange_take_upstream(exchange, fresh);

	if (upstream != NULL)
	{
		exchange->starved_until_ms = 0;
		exchange_send_on(exchange, upstream);
	}
	else if (exchange->search.starved)
		exchange_wait(exchange);
	else
		exchange_fail(exchange, 502, "no server could be reached");
}

void
exchange_wait(Exchange *exchange)
{
	uint64_t now_ms = clock_now_ms();

	if (exchange->starved_until_ms == 0)
		exchange->starved_until_ms = now_ms + exchange_loop(exchange)->settings->connect_timeout_ms;
	else if (now_ms > exchange->starved_until_ms)
		exchange_fail(exchange, 503, "the gateway can open no more connections");
}

void
exchange_go(Exchange *exchange, Side side)
{
	exchange->traveller.side = side;
	exchange->search.tried = 0;
	exchange_send(exchange, false);
}

void
exchange_drop_upstream(Exchange *exchange)
{
	if (exchange->upstream != NULL)
		upstream_close(exchange->upstream);
	exchange->upstream = NULL;
}

bool
exchange_takes_body(const Exchange *exchange)
{
	return !exchange->request_done && exchange->upstream != NULL && !exchange->traveller.held &&
		   !exchange->kept.behind && !connection_blocked(&exchange->upstream->connection);
}

void
exchange_drained(Exchange *exchange)
{
	if (!exchange->traveller.held)
		resend(exchange);
	if (!exchange->over)
		origin_resume(exchange->origin);
}

/*
 * To the client
 */

static const char *
server_text(const Exchange *exchange)
{
	return exchange->upstream != NULL ? exchange->upstream->server->address.text : "";
}

/* End an answer by closing, which is the only way left to say that the answer is not whole. */
static void
break_off(Exchange *exchange)
{
	origin_close(exchange->origin, exchange->framing == FRAMING_CLOSE);
}

void
exchange_cut(Exchange *exchange, const char *why)
{
	if (exchange_is_tunnel(exchange))
	{
		log_info("client %s: tunnel closed: %s", exchange->origin->peer, why);
		origin_close(exchange->origin, false);
		return;
	}
	log_info("client %s: answer cut off: %s: %s", exchange->origin->peer, why,
			 exchange_line(exchange));
	exchange_loop(exchange)->counters.streams_ended++;
	break_off(exchange);
}

void
exchange_fail(Exchange *exchange, unsigned status, const char *text)
{
	const Origin *origin = exchange->origin;
	bool		  keep_alive =
		exchange->keep_alive && exchange->request_done && !exchange_loop(exchange)->stopping;

	if (exchange->over)
		return;
	log_write(status >= 500 ? LOG_WARNING : LOG_INFO, "client %s: %u: %s%s%s: %s", origin->peer,
			  status, text, exchange->upstream != NULL ? ": server " : "", server_text(exchange),
			  exchange_line(exchange));
	if (exchange->answer_sent)
	{
		break_off(exchange);
		return;
	}
	exchange->record.status = (uint16_t) status;
	exchange->record.complete = true;
	origin_answer(origin, status, text, keep_alive, status == 503 ? 1 : 0, !exchange->task.is_head);
	finish(exchange, keep_alive);
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
		return; /* the client is gone, and the exchange with it */
	exchange->record.complete = true;
	if (reusable && exchange->server_keeps && exchange->request_done && !exchange->kept.behind)
	{
		exchange->upstream = NULL;
		pool_give(upstream);
	}
	finish(exchange, exchange->keep_alive && exchange->request_done);
}
