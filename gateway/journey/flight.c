/*
 * flight.c: the requests of one user that are with a server
 */
#include "journey/flight.h"

#include "base/clock.h"
#include "journey/stream.h"

LIST_HEAD(Doomed, Traveller);

void
flights_add(Flights *flights, Traveller *traveller)
{
	traveller->since_ms = clock_now_ms();
	traveller->counted = true;
	LIST_INSERT_HEAD(&flights->list, traveller, flight_entry);
	flights->count++;
}

void
flights_remove(Flights *flights, Traveller *traveller)
{
	traveller->counted = false;
	LIST_REMOVE(traveller, flight_entry);
	flights->count--;
}

static StreamFate
fate(const Traveller *traveller, uint64_t patience_ms, uint64_t now_ms, StreamFacts *facts)
{
	*facts = (StreamFacts){.age_ms = now_ms - traveller->since_ms};
	traveller->handlers->describe(traveller->owner, facts);
	return stream_fate(facts, patience_ms);
}

bool
flights_last(const Flights *flights, uint64_t patience_ms, size_t *streams)
{
	uint64_t		 now_ms = clock_now_ms();
	bool			 found = false;
	const Traveller *traveller;
	StreamFacts		 facts;

	LIST_FOREACH(traveller, &flights->list, flight_entry)
	{
		StreamFate of = fate(traveller, patience_ms, now_ms, &facts);

		found = found || of != STREAM_STAYS;
		*streams += of == STREAM_ENDS && !traveller->tunnel;
	}
	return found;
}

/*
 * Ending one request may end other requests, or call this function again. So the requests to
 * end are first moved to a list of their own. A request that ends meanwhile takes itself out of
 * that list, as it would out of any other list.
 */
void
flights_end(Flights *flights, const FlightsEnd *end)
{
	struct Doomed doomed = LIST_HEAD_INITIALIZER(doomed);
	uint64_t	  now_ms = clock_now_ms();
	Traveller	 *next;
	StreamFacts	  facts;

	for (Traveller *traveller = LIST_FIRST(&flights->list); traveller != NULL; traveller = next)
	{
		next = LIST_NEXT(traveller, flight_entry);
		if ((end->right_side != NULL && traveller->side == *end->right_side) ||
			fate(traveller, end->patience_ms, now_ms, &facts) == STREAM_STAYS)
			continue;
		LIST_REMOVE(traveller, flight_entry);
		LIST_INSERT_HEAD(&doomed, traveller, flight_entry);
	}
	while (!LIST_EMPTY(&doomed))
	{
		Traveller *traveller = LIST_FIRST(&doomed);

		traveller->handlers->describe(traveller->owner, &facts);
		if (facts.begun)
			traveller->handlers->cut(traveller->owner, end->why);
		else
			end->again(traveller);
	}
}
