/*
 * fence_skip.h: leaves rows alone whose owner's data is on the other side
 */
#ifndef PG_GRAY_FENCE_FENCE_SKIP_H
#define PG_GRAY_FENCE_FENCE_SKIP_H

/* Called once, from _PG_init: hooks into the executor. */
extern void fence_skip_init(void);

#endif /* PG_GRAY_FENCE_FENCE_SKIP_H */
