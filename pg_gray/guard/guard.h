/*
 * guard.h: refuses DDL that would change production in place of gray, or lose users' gray rows
 */
#ifndef PG_GRAY_GUARD_GUARD_H
#define PG_GRAY_GUARD_GUARD_H

/* Called once, from _PG_init: defines pg_gray.guard. */
extern void guard_init(void);

#endif /* PG_GRAY_GUARD_GUARD_H */
