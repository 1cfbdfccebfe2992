/*
 * traveller.h: a request, as its user's journey knows it
 */
#ifndef GATEWAY_JOURNEY_TRAVELLER_H
#define GATEWAY_JOURNEY_TRAVELLER_H

#include <sys/queue.h>

#include "base/span.h"
#include "journey/stream.h"
#include "routing/state.h"

struct Journey;

/* What the journey has the request do.  Each but "describe" may end it. */
typedef struct TravellerHandlers
{
	/* It goes to a server of the side. */
	void (*go)(void *owner, Side side);
	/* It is answered by us. */
	void (*fail)(void *owner, unsigned status, const char *text);
	/* After journey_misdirected: the data of its user is on that side; or nobody could be asked. */
	void (*told)(void *owner, Side side, bool known);
	/* Its answer has begun, and is to go no further. */
	void (*cut)(void *owner, const char *why);
	/* Its answer has not begun: it is taken from its server, so that it can go anew. */
	void (*take_back)(void *owner);
	/* It is of that user, in canonical form. */
	void (*of_user)(void *owner, Span uid);
	/* Fills in all but the age. */
	void (*describe)(const void *owner, StreamFacts *facts);
} TravellerHandlers;

/* In the request, which sets the first six.  The rest is the journey's own, but may be read. */
typedef struct Traveller
{
	const TravellerHandlers *handlers;
	void					*owner;	   /* the request */
	const char				*client;   /* its address and port, for logs */
	uint64_t				 since_ms; /* when it was sent, or its answer began */
	Side					 side;	   /* that it goes to, or has gone to last */
	bool					 tunnel;   /* what it has become, and is counted as */
	struct Journey			*journey;  /* NULL: no uid, or left */
	TAILQ_ENTRY(Traveller) held_entry;
	LIST_ENTRY(Traveller) flight_entry; /* if counted */
	uint64_t hold_deadline_ms;
	bool	 held;
	bool	 counted;	  /* among its user's requests in flight */
	bool	 misdirected; /* held with a 421 in hand */
} Traveller;

#endif /* GATEWAY_JOURNEY_TRAVELLER_H */
