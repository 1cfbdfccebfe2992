/*
 * lookup.h: finds the user of a request by a query
 *
 * An answer of the query is remembered for a while (lookup_cache.h). Without a remembered
 * answer the request waits while the query runs, on a few connections of its own. Equal values
 * are asked once. Without an answer in time the request is refused: if it were routed by a
 * guess, a user in gray would read frozen rows.
 */
#ifndef GATEWAY_LOOKUP_LOOKUP_H
#define GATEWAY_LOOKUP_LOOKUP_H

#include <sys/queue.h>

#include "loop/loop.h"
#include "roster/watch.h"

typedef struct Lookups Lookups;

typedef struct AskerHandlers
{
	/*
	 * The request is this user's; NULL: it is nobody's. uid is as it was found, and may be
	 * changed.
	 */
	void (*found)(void *owner, Uid *uid);
	/*
	 * There is no answer. at_rest: the release is at rest, so the data of any user is in
	 * production.
	 */
	void (*unanswered)(void *owner, bool at_rest);
} AskerHandlers;

/* A request that asks for its user. Part of the request, which sets the first two fields. */
typedef struct Asker
{
	const AskerHandlers *handlers;
	void				*owner;
	struct Lookup		*lookup; /* that the request waits for; NULL: it does not wait */
	TAILQ_ENTRY(Asker) entry;
} Asker;

extern Lookups *lookups_new(Loop *loop, Watch *watch);

/* Free the look-ups, when no request waits any more. */
extern void	  lookups_free(Lookups *lookups);
extern void	  lookups_sweep(Lookups *lookups, uint64_t now_ms);
extern size_t lookups_waiting(const Lookups *lookups);

/* Return how many answers are remembered. */
extern size_t lookups_known(const Lookups *lookups);

/* Forget all answers and prepare the query anew, since the settings have changed. */
extern void lookups_reload(Lookups *lookups);

/* Follow hints, which anybody may send, within a second (lookup_hint.h). */
extern void lookups_hint(Lookups *lookups);
extern void lookups_hint_group(Lookups *lookups, unsigned group);

/* Forget all answers, since hints may have been missed. */
extern void lookups_forget(Lookups *lookups);

/*
 * Find the user of a value: have a handler called, now or later. host: the client's address,
 * borrowed for the call.
 */
extern void lookup_user(Lookups *lookups, Asker *asker, const char *host, const Uid *value);

/* Take out a request that is over. */
extern void lookup_leave(Asker *asker);

#endif /* GATEWAY_LOOKUP_LOOKUP_H */
