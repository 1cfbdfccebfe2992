/*
 * misdirect.c: handles a server's answer of 421
 */
#include "proxy/misdirect.h"

#include "base/log.h"
#include "journey/journey.h"
#include "proxy/pool.h"

#define TIMES_MOST 3 /* the user may be moved again meanwhile, but not for ever */

static void
go_again(Exchange *exchange, Side side)
{
	exchange_drop_upstream(exchange);
	exchange_loop(exchange)->counters.replays++;
	exchange_go(exchange, side);
}

static void
pass_on(Exchange *exchange)
{
	exchange->pass_421 = true;
	upstream_resume(exchange->upstream);
	if (exchange->upstream != NULL && !exchange->over)
		exchange_drained(exchange);
}

void
misdirect_go_on(Exchange *exchange, Side side, bool known)
{
	bool elsewhere = side != exchange->traveller.side;

	if (!known)
		exchange_fail(exchange, 503, "where the user's data is could not be found out");
	else if (exchange->replayable && (elsewhere || exchange->strayed == 1))
		go_again(exchange, side); /* on the same side once: the data may have been away */
	else if (elsewhere)
		exchange_fail(exchange, 503, "the user has moved, and the body is too large to go again");
	else
		pass_on(exchange);
}

bool
misdirect_take(Exchange *exchange)
{
	Side side;

	if (exchange->pass_421 || exchange->traveller.journey == NULL)
		return false;
	log_info("client %s: server %s: 421 for %s: %s", exchange->origin->peer,
			 exchange->upstream->server->address.text, side_name(exchange->traveller.side),
			 exchange_line(exchange));
	exchange->strayed++;
	if (exchange->strayed == 1 && journey_knows_elsewhere(&exchange->traveller, &side))
	{
		misdirect_go_on(exchange, side, true);
		return true;
	}
	if (exchange->strayed > TIMES_MOST || !journey_may_ask(&exchange->traveller))
	{
		misdirect_go_on(exchange, exchange->traveller.side, false);
		return true;
	}
	upstream_pause(exchange->upstream);
	journey_misdirected(&exchange->traveller);
	return true;
}
