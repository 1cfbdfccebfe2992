/*
 * traveller.h: a request, as its user's journey sees it
 */
#ifndef GATEWAY_JOURNEY_TRAVELLER_H
#define GATEWAY_JOURNEY_TRAVELLER_H

#include <sys/queue.h>

#include "base/span.h"
#include "journey/stream.h"
#include "routing/state.h"

struct Journey;

/* The orders of a journey to its request. Each handler but "describe" may end the request. */
typedef struct TravellerHandlers
{
	/* Send the request to a server of the side. */
	void (*go)(void *owner, Side side);
	/* Answer the request ourselves. */
	void (*fail)(void *owner, unsigned status, const char *text);
	/*
	 * The answer to journey_misdirected. known: the user's data is on that side; otherwise
	 * nobody could be asked.
	 */
	void (*told)(void *owner, Side side, bool known);
	/* End the answer, which has begun, at this point. */
	void (*cut)(void *owner, const char *why);
	/* Take the request from its server, so that it can go anew. Its answer has not begun. */
	void (*take_back)(void *owner);
	/* The request is this user's, in canonical form. */
	void (*of_user)(void *owner, Span uid);
	/* Fill in all facts but the age. */
	void (*describe)(const void *owner, StreamFacts *facts);
} TravellerHandlers;

/*
 * Part of the request, which sets the first six fields. The other fields are the journey's own,
 * but may be read.
 */
typedef struct Traveller
{
	const TravellerHandlers *handlers;
	void					*owner;	   /* the request */
	const char				*client;   /* its address and port, for logs */
	uint64_t				 since_ms; /* when the request was sent, or when its answer began */
	Side					 side;	   /* side that the request goes to, or has gone to last */
	bool					 tunnel;   /* the request has become a tunnel, and is counted as one */
	struct Journey			*journey;  /* NULL: no uid, or the journey was left */
	TAILQ_ENTRY(Traveller) held_entry;
	LIST_ENTRY(Traveller) flight_entry; /* used if counted */
	uint64_t hold_deadline_ms;
	bool	 held;
	bool	 counted;	  /* counted among its user's requests in flight */
	bool	 misdirected; /* held after a 421 of its server */
} Traveller;

#endif /* GATEWAY_JOURNEY_TRAVELLER_H */
