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
	/* one of these relations was changed after the load: the data must not be used again */
	bool				 stale;
	struct SessionEntry *previous;
	struct SessionEntry *next;
} SessionEntry;

/* The entries of one kind, found by a key: an Oid or another number. */
typedef struct SessionCache
{
	const char *name;
	size_t		entry_size; /* of the struct */

	/*
	 * Fills in a zeroed entry.  The function is called between SPI_connect and SPI_finish, acts as
	 * the catalog owner, and has a memory context that ends with the call.  It allocates the data
	 * of the entry in the entry's memory.  Null: an entry begins empty.
	 */
	void (*load)(void *entry, const void *source);

	struct HTAB *slots; /* null: nothing was loaded yet */
} SessionCache;

/*
 * Return the entry with a key; null when there is no entry, or the entry is stale.  An entry can be
 * used until the end of the transaction, even when another entry has replaced it.
 */
extern void *session_cache_find(const SessionCache *cache, unsigned int key);

/*
 * Load an entry from `source`, and replace the entry with this key.  After an error the new entry
 * is gone.  An entry depends on gray.release, and so on the whole registry: each change of the
 * registry invalidates gray.release.
 */
extern void *session_cache_load(SessionCache *cache, unsigned int key, const void *source);

/* Return the entry with a key; load it if there is none, or the entry is stale. */
extern void *session_cache_get(SessionCache *cache, unsigned int key, const void *source);

/* To be called by `load`: the entry depends on this relation (Oid), too. */
extern void session_cache_made_of(SessionEntry *entry, unsigned int relation);

/* Free a plan that was kept (query_keep) when the entry is freed; the plan may be null. */
extern void session_cache_own_plan(SessionEntry *entry, struct _SPI_plan *plan);

/* Called once, from _PG_init. */
extern void session_cache_init(void);

#endif /* PG_GRAY_POSTGRES_SESSION_CACHE_H */
