/*
 * reference_cache.h: what the session remembers of foreign keys with actions
 */
#ifndef REFERENCE_CACHE_H
#define REFERENCE_CACHE_H

#include <stdbool.h>

struct MemoryContextData;

/* Kinds of entries; each belongs to one file. */
typedef enum ReferenceCacheKind
{
	CACHE_SHARED_TABLE,
	CACHE_FENCE_REFERENCE
} ReferenceCacheKind;

/*
 * An entry by an Oid, or null.  What was remembered is forgotten first, when a relation that
 * any entry was made from, or the registry, has changed.
 */
extern void *reference_cache_find(ReferenceCacheKind kind, unsigned int key);

/* Remember an entry, which is in the cache's memory and valid until the next find. */
extern void reference_cache_put(ReferenceCacheKind kind, unsigned int key, void *entry);

/* The memory for what is remembered; call find before. */
extern struct MemoryContextData *reference_cache_memory(void);

/* Entries were made from what this relation (an Oid) is. */
extern void reference_cache_watch(unsigned int relation);

/* Call the function when everything is forgotten: for what is not in the cache's memory. */
extern void reference_cache_on_forget(void (*release)(void *arg), void *arg);

/* True when a find would forget. */
extern bool reference_cache_is_stale(void);

#endif /* REFERENCE_CACHE_H */
