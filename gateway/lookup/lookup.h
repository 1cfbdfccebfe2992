/*
 * lookup.h: finds the user of a request by a query
 *
 * What was found is remembered for a while (lookup_cache.h).  Else the request waits while the
 * query runs, on a few connections of its own; equal values are asked once.  Without an answer
 * in time the request is refused: by a guess, a user in gray would read frozen rows.
 */
#ifndef GATEWAY_LOOKUP_LOOKUP_H
#define GATEWAY_LOOKUP_LOOKUP_H

#include "loop/loop.h"
#include "roster/watch.h"
#include "proxy/exchange.h"

typedef struct Lookups Lookups;

extern Lookups *lookups_new(Loop *loop, Watch *watch);

/* No exchange waits any more. */
extern void	  lookups_free(Lookups *lookups);
extern void	  lookups_sweep(Lookups *lookups, uint64_t now_ms);
extern size_t lookups_waiting(const Lookups *lookups);

/* How many answers are remembered. */
extern size_t lookups_known(const Lookups *lookups);

/* The settings are other ones: all is forgotten, and the query prepared anew. */
extern void lookups_reload(Lookups *lookups);

/* Hints, which anybody may send, and which are followed within a second (lookup_hint.h). */
extern void lookups_hint(Lookups *lookups);
extern void lookups_hint_group(Lookups *lookups, unsigned group);

/* Hints may have been missed. */
extern void lookups_forget(Lookups *lookups);

/* Has exchange_found called for the exchange, now or later, or fails it. */
extern void lookup_user(Lookups *lookups, Exchange *exchange, const Uid *value);

/* The exchange is over. */
extern void lookup_leave(Exchange *exchange);

#endif /* GATEWAY_LOOKUP_LOOKUP_H */
