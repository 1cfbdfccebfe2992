/*
 * flight.c: the requests of one user that are with a server
 */
#include "journey/flight.h"

#include "base/clock.h"
#include "journey/stream.h"

LIST_HEAD(Doomed, Exchange);

void
flights_add(Flights *flights, Exchange *exchange)
{
	exchange->since_ms = clock_now_ms();
	exchange->counted = true;
	LIST_INSERT_HEAD(&flights->list, exchange, flight_entry);
	flights->count++;
}

void
flights_remove(Flights *flights, Exchange *exchange)
{
	exchange->counted = false;
	LIST_REMOVE(exchange, flight_entry);
	flights->count--;
}

static StreamFate
fate(const Exchange *exchange, uint64_t patience_ms, uint64_t now_ms)
{
	StreamFacts facts = {
		.begun = exchange->answering,
		.endless = exchange->endless,
		.repeatable = exchange->safe && exchange->replayable,
		.age_ms = now_ms - exchange->since_ms,
	};

	return stream_fate(&facts, patience_ms);
}

bool
flights_last(const Flights *flights, uint64_t patience_ms, size_t *streams)
{
	uint64_t		now_ms = clock_now_ms();
	bool			found = false;
	const Exchange *exchange;

	LIST_FOREACH(exchange, &flights->list, flight_entry)
	{
		StreamFate of = fate(exchange, patience_ms, now_ms);

		found = found || of != STREAM_STAYS;
		*streams += of == STREAM_ENDS && exchange->tunnel == NULL;
	}
	return found;
}

/*
 * Ending one may end others, or come here again: so first they are set apart, and what
 * happens meanwhile to those set apart takes them out of their list as out of any.
 */
void
flights_end(Flights *flights, const FlightsEnd *end)
{
	struct Doomed doomed = LIST_HEAD_INITIALIZER(doomed);
	uint64_t	  now_ms = clock_now_ms();
	Exchange	 *next;

	for (Exchange *exchange = LIST_FIRST(&flights->list); exchange != NULL; exchange = next)
	{
		next = LIST_NEXT(exchange, flight_entry);
		if ((end->right_side != NULL && exchange->side == *end->right_side) ||
			fate(exchange, end->patience_ms, now_ms) == STREAM_STAYS)
			continue;
		LIST_REMOVE(exchange, flight_entry);
		LIST_INSERT_HEAD(&doomed, exchange, flight_entry);
	}
	while (!LIST_EMPTY(&doomed))
	{
		Exchange *exchange = LIST_FIRST(&doomed);

		if (exchange->answering)
			exchange_cut(exchange, end->why);
		else
			end->again(exchange);
	}
}
