/*
 * retry.c: handles the failure of an exchange's server: sends the request again, or gives up
 */
#include "proxy/retry.h"

#include <stdio.h>

#include "base/log.h"
#include "proxy/pool.h"

/* Everything that was to be sent goes to the next server, since nothing was sent yet. */
void
retry_unreachable(Exchange *exchange, const char *problem, bool timed_out)
{
	Upstream *old = exchange->upstream;

	log_warning("server %s: %s", old->server->address.text, problem);
	pool_failed(old->server, &exchange->search);
	exchange->upstream = exchange_take_upstream(exchange, false);
	if (exchange->upstream == NULL && exchange->search.starved && exchange->replayable)
	{
		upstream_close(old);
		exchange_wait(exchange);
		return;
	}
	if (exchange->upstream == NULL)
	{
		exchange->upstream = old;
		if (exchange->search.starved)
			exchange_fail(exchange, 503, "the gateway can open no more connections");
		else if (exchange->failure != 0)
			exchange_fail(exchange, exchange->failure, "no other server could be reached");
		else if (timed_out)
			exchange_fail(exchange, 504, "no server could be connected in time");
		else
			exchange_fail(exchange, 502, "no server could be reached");
		return;
	}
	exchange->record.server = exchange->upstream->server->address.text;
	connection_send(&exchange->upstream->connection, buffer_first(&old->connection.out),
					buffer_length(&old->connection.out));
	upstream_close(old);
	origin_resume(exchange->origin);
}

/* Nothing was heard of the answer: does it do no harm to send the request again? */
static bool
harmless_again(const Exchange *exchange)
{
	return exchange->replayable && (exchange->idempotent || !exchange->upstream->connection.sent);
}

/*
 * Send the request to another server of the side. Return false if it may not be sent again, or
 * no server is left.
 */
static bool
to_another(Exchange *exchange, unsigned status, const char *problem)
{
	Loop	 *loop = exchange_loop(exchange);
	Upstream *old = exchange->upstream;
	Upstream *next;

	if (exchange->retries >= loop->settings->retries || !harmless_again(exchange))
		return false;
	next = exchange_take_upstream(exchange, false);
	if (next == NULL)
		return false;
	log_warning("client %s: server %s %s: another one is tried: %s", exchange->origin->peer,
				old->server->address.text, problem, exchange_line(exchange));
	exchange->retries++;
	exchange->failure = (uint16_t) status;
	loop->counters.retries++;
	upstream_close(old);
	exchange_send_on(exchange, next);
	return true;
}

static void
fail_by_server(Exchange *exchange, unsigned status, const char *problem)
{
	char text[160];

	snprintf(text, sizeof(text), "the server %s", problem);
	exchange_fail(exchange, status, text);
}

void
retry_broken(Exchange *exchange, const char *problem, bool nothing_came)
{
	/* The server may just have closed the kept-alive connection. */
	bool stale = nothing_came && exchange->upstream->reused;

	if (stale && harmless_again(exchange))
	{
		exchange_drop_upstream(exchange);
		exchange_send(exchange, true);
		return;
	}
	if (!stale && !exchange->answering)
		pool_failed(exchange->upstream->server, &exchange->search);
	if (!nothing_came || !to_another(exchange, 502, problem))
		fail_by_server(exchange, 502, problem);
}

void
retry_overdue(Exchange *exchange, const char *problem)
{
	bool waiting = exchange->upstream->phase == UPSTREAM_HEAD;

	if (waiting)
		pool_failed(exchange->upstream->server, &exchange->search);
	if (!waiting || exchange->upstream->heard || !to_another(exchange, 504, problem))
		fail_by_server(exchange, 504, problem);
}
