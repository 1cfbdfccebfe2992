/*
 * fence_skip.h: leaving rows alone whose owner's data is on the other side
 */
#ifndef FENCE_SKIP_H
#define FENCE_SKIP_H

/* Called once, from _PG_init: defines pg_gray.fence, and hooks into the executor. */
extern void fence_skip_init(void);

#endif /* FENCE_SKIP_H */
