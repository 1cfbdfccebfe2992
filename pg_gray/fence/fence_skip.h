/*
 * fence_skip.h: leaves rows alone whose owner's data is on the other side
 */
#ifndef PG_GRAY_FENCE_FENCE_SKIP_H
#define PG_GRAY_FENCE_FENCE_SKIP_H

/*
 * To be called when a row is on the wrong side.  Raise serialization_failure when the statement
 * was to leave the row alone but can't, since it began before the library was loaded.
 */
extern void fence_skip_refuse_first(void);

/* Called once, from _PG_init: defines pg_gray.fence, and hooks into the executor. */
extern void fence_skip_init(void);

#endif /* PG_GRAY_FENCE_FENCE_SKIP_H */
