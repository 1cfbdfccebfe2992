/*
 * release_cache.h: rows of gray.release, remembered by the session
 */
#ifndef PG_GRAY_RELEASE_RELEASE_CACHE_H
#define PG_GRAY_RELEASE_RELEASE_CACHE_H

#include <stdbool.h>

struct Release;

/*
 * The release of this name as it is now, or with a null name the only one there is, copied
 * into the current memory context; null: not remembered.
 */
extern struct Release *release_cache_find(const char *name);

/* Remember a release, unless the transaction's snapshot may be older than the row is. */
extern void release_cache_put(const struct Release *release, bool is_only);

#endif /* PG_GRAY_RELEASE_RELEASE_CACHE_H */
