/*
 * fence_mode.h: decides whether a row whose owner's data is on the other side is refused or skipped
 */
#ifndef PG_GRAY_FENCE_FENCE_MODE_H
#define PG_GRAY_FENCE_FENCE_MODE_H

#include <stdbool.h>

/* True when such rows are left alone (pg_gray.fence = skip), and not refused. */
extern bool fence_mode_is_skip(void);

/*
 * To be called when a row is on the wrong side.  Raise serialization_failure when the statement
 * was to leave the row alone but can't, since it began before the library was loaded.
 */
extern void fence_mode_refuse_first(void);

/* Called once, from _PG_init: defines pg_gray.fence. */
extern void fence_mode_init(void);

#endif /* PG_GRAY_FENCE_FENCE_MODE_H */
