/*
 * lookup.h: finds the user of a request by a query
 *
 * What was found is remembered for a while (lookup_cache.h).  Else the request waits while the
 * query runs, on a few connections of its own; equal values are asked once.  Without an answer
 * in time the request is refused: by a guess, a user in gray would read frozen rows.
 */
#ifndef GATEWAY_LOOKUP_LOOKUP_H
#define GATEWAY_LOOKUP_LOOKUP_H

#include <sys/queue.h>

#include "loop/loop.h"
#include "roster/watch.h"

typedef struct Lookups Lookups;

typedef struct AskerHandlers
{
	/* Whose request it is; NULL: nobody's.  uid is as it was found, and may be changed. */
	void (*found)(void *owner, Uid *uid);
	/* Nobody can say; at_rest: and whoever it is, the data is in production. */
	void (*unanswered)(void *owner, bool at_rest);
} AskerHandlers;

/* A request, as far as it asks for its user; in the request, which sets the first two. */
typedef struct Asker
{
	const AskerHandlers *handlers;
	void				*owner;
	struct Lookup		*lookup; /* that it waits for; NULL: it does not */
	TAILQ_ENTRY(Asker) entry;
} Asker;

extern Lookups *lookups_new(Loop *loop, Watch *watch);

/* Nobody waits any more. */
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

/* Has one of the handlers called, now or later.  host: the client's address, borrowed for the call. */
extern void lookup_user(Lookups *lookups, Asker *asker, const char *host, const Uid *value);

/* The request is over. */
extern void lookup_leave(Asker *asker);

#endif /* GATEWAY_LOOKUP_LOOKUP_H */
