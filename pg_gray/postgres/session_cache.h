/*
 * session_cache.h: keeps data that a session has derived from relations, until one of them changes
 */
#ifndef PG_GRAY_POSTGRES_SESSION_CACHE_H
#define PG_GRAY_POSTGRES_SESSION_CACHE_H

#include <stdbool.h>
#include <stddef.h>

struct HTAB;
struct List;
struct MemoryContextData;
struct _SPI_plan;

/* The head of an entry: the first member of its struct. */
typedef struct SessionEntry
{
	struct MemoryContextData *memory;  /* holds the entry, and all that is loaded for it */
	struct List				 *made_of; /* Oids of the relations on which the data depends */
	/* one of these relations has been changed since: the data must not be used again */
	bool				 stale;
	struct SessionEntry *previous;
	struct SessionEntry *next;
} SessionEntry;

/* Entries of one kind, each by a key: an Oid or another number. */
typedef struct SessionCache
{
	const char *name;
	size_t		entry_size; /* of the struct */

	/*
	 * Fills in an entry, which comes zeroed.  It is called between SPI_connect and SPI_finish,
	 * acts as the catalog owner, and has a memory context that ends with it: all that stays is
	 * put into the entry's memory.  Null: an entry begins empty.
	 */
	void (*load)(void *entry, const void *source);

	struct HTAB *slots; /* null: nothing was loaded yet */
} SessionCache;

/*
 * The entry with a key; null when there is none, or it is stale.  An entry can be used until the
 * end of the transaction, also when another one has come in its place.
 */
extern void *session_cache_find(const SessionCache *cache, unsigned int key);

/*
 * Load an entry from `source`, in the place of the one with this key.  After an error there is
 * nothing of it.  It is made of gray.release, and so of the whole registry, which invalidates that
 * table with each change.
 */
extern void *session_cache_load(SessionCache *cache, unsigned int key, const void *source);

/* Find the entry, or else load it. */
extern void *session_cache_get(SessionCache *cache, unsigned int key, const void *source);

/* For load: the entry is made of this relation (an Oid), too. */
extern void session_cache_made_of(SessionEntry *entry, unsigned int relation);

/* A plan that was kept (query_keep), or null, is freed with the entry. */
extern void session_cache_own_plan(SessionEntry *entry, struct _SPI_plan *plan);

/* Called once, from _PG_init. */
extern void session_cache_init(void);

#endif /* PG_GRAY_POSTGRES_SESSION_CACHE_H */
