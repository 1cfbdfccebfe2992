/*
 * session_cache.h: what a session has made of relations, as long as they stay what they are
 */
#ifndef PG_GRAY_POSTGRES_SESSION_CACHE_H
#define PG_GRAY_POSTGRES_SESSION_CACHE_H

#include <stdbool.h>

struct List;
struct MemoryContextData;

/* Zeroed, there is nothing in it.  It must stay where it is as long as there is. */
typedef struct SessionCache
{
	struct MemoryContextData *memory;  /* holds all of it; null: there is nothing */
	struct List				 *made_of; /* Oids of relations */
	bool					  stale; /* one of these has been changed since: not to be used again */
	struct SessionCache		 *previous;
	struct SessionCache		 *next;
} SessionCache;

/*
 * Begin anew: what is there is dropped.  Made of gray.release, and so of the whole
 * registry, which invalidates that with each change.  What an error leaves unfinished is
 * dropped by the next call.
 */
extern void session_cache_begin(SessionCache *cached, const char *name);

/* It is made of this relation (an Oid), too. */
extern void session_cache_made_of(SessionCache *cached, unsigned int relation);

/* Call the function when it is dropped: for what is not in its memory. */
extern void session_cache_on_drop(SessionCache *cached, void (*release)(void *arg), void *arg);

/*
 * Drop it.  Its memory lives until the end of the transaction: a caller further up may be using it
 * yet.
 */
extern void session_cache_drop(SessionCache *cached);

/* Called once, from _PG_init. */
extern void session_cache_init(void);

#endif /* PG_GRAY_POSTGRES_SESSION_CACHE_H */
