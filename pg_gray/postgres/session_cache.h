/*
 * session_cache.h: keeps data that a session has derived from relations, until one of them changes
 */
#ifndef PG_GRAY_POSTGRES_SESSION_CACHE_H
#define PG_GRAY_POSTGRES_SESSION_CACHE_H

#include <stdbool.h>

struct List;
struct MemoryContextData;

/* A zeroed cache is empty.  A cache must not be moved in memory while it is not empty. */
typedef struct SessionCache
{
	/* memory context of the cached data; null: the cache is empty */
	struct MemoryContextData *memory;
	struct List				 *made_of; /* Oids of the relations on which the data depends */
	/* one of these relations has been changed since: the data must not be used again */
	bool				 stale;
	struct SessionCache *previous;
	struct SessionCache *next;
} SessionCache;

/*
 * Begin to fill a cache; its old data is dropped.  The data depends on gray.release, and so on the
 * whole registry, which invalidates that table with each change.  Data that an error leaves
 * incomplete is dropped by the next call.
 */
extern void session_cache_begin(SessionCache *cached, const char *name);

/* Let the data depend on this relation (an Oid), too. */
extern void session_cache_made_of(SessionCache *cached, unsigned int relation);

/* Call the function when the data is dropped: for resources that are not in the memory context. */
extern void session_cache_on_drop(SessionCache *cached, void (*release)(void *arg), void *arg);

/*
 * Drop the data.  Its memory lives until the end of the transaction: a caller further up may still
 * be using it.
 */
extern void session_cache_drop(SessionCache *cached);

/* Called once, from _PG_init. */
extern void session_cache_init(void);

#endif /* PG_GRAY_POSTGRES_SESSION_CACHE_H */
