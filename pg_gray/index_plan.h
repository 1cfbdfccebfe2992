/*
 * index_plan.h: plans that find a user's rows by indexes, whatever statistics say
 */
#ifndef INDEX_PLAN_H
#define INDEX_PLAN_H

/* A cursor option, of a bit that PostgreSQL has no use for: asks for such a plan. */
#define INDEX_PLAN 0x40000000

/* Called once, from _PG_init. */
extern void index_plan_init(void);

#endif /* INDEX_PLAN_H */
