/*
 * flight.h: the requests of one user that are with a server
 */
#ifndef GATEWAY_JOURNEY_FLIGHT_H
#define GATEWAY_JOURNEY_FLIGHT_H

#include <sys/queue.h>

#include "journey/traveller.h"

/* All zero: no request is in flight. */
typedef struct Flights
{
	LIST_HEAD(, Traveller) list; /* borrowed */
	unsigned count;
} Flights;

extern void flights_add(Flights *flights, Traveller *traveller);
extern void flights_remove(Flights *flights, Traveller *traveller);

/*
 * Would flights_end end any request, whatever its side? Add to streams how many answers,
 * without tunnels, have lasted for longer than patience_ms.
 */
extern bool flights_last(const Flights *flights, uint64_t patience_ms, size_t *streams);

/* Which requests flights_end looks at, and what happens to them. */
typedef struct FlightsEnd
{
	uint64_t	patience_ms; /* as of stream_fate */
	const Side *right_side;	 /* requests that went there stay; NULL: no request stays */
	const char *why;
	void (*again)(Traveller *traveller); /* has to remove the traveller, and may do anything else */
} FlightsEnd;

/*
 * End the answers that are not waited for, and have the requests without an answer sent again
 * (stream.h).
 */
extern void flights_end(Flights *flights, const FlightsEnd *end);

#endif /* GATEWAY_JOURNEY_FLIGHT_H */
