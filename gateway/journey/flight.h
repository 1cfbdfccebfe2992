/*
 * flight.h: the requests of one user that are with a server
 */
#ifndef GATEWAY_JOURNEY_FLIGHT_H
#define GATEWAY_JOURNEY_FLIGHT_H

#include <sys/queue.h>

#include "journey/traveller.h"

/* All zeros is none. */
typedef struct Flights
{
	LIST_HEAD(, Traveller) list; /* borrowed */
	unsigned count;
} Flights;

extern void flights_add(Flights *flights, Traveller *traveller);
extern void flights_remove(Flights *flights, Traveller *traveller);

/*
 * Would flights_end find any, on whatever side?  Adds to streams how many answers, without
 * tunnels, have lasted for longer than patience_ms.
 */
extern bool flights_last(const Flights *flights, uint64_t patience_ms, size_t *streams);

/* Which ones flights_end is to look at, and what becomes of them. */
typedef struct FlightsEnd
{
	uint64_t	patience_ms; /* as of stream_fate */
	const Side *right_side;	 /* those that are there stay; NULL: none */
	const char *why;
	void (*again)(Traveller *traveller); /* has to remove it, and may do anything else */
} FlightsEnd;

/* Ends answers, and has requests come again, that are not to be waited for (stream.h). */
extern void flights_end(Flights *flights, const FlightsEnd *end);

#endif /* GATEWAY_JOURNEY_FLIGHT_H */
