/*
 * release_cache.h: caches rows of gray.release for the session
 */
#ifndef PG_GRAY_RELEASE_RELEASE_CACHE_H
#define PG_GRAY_RELEASE_RELEASE_CACHE_H

#include <stdbool.h>

struct Release;

/*
 * Return a copy, in the current memory context, of the release with this name as it is now, or,
 * with a null name, of the only release; null: it is not cached.
 */
extern struct Release *release_cache_find(const char *name);

/* Cache a release, unless the transaction's snapshot may be older than the row. */
extern void release_cache_put(const struct Release *release, bool is_only);

#endif /* PG_GRAY_RELEASE_RELEASE_CACHE_H */
