/*
 * small_user_plan.h: makes plans that find a user's rows by indexes, whatever the statistics say
 */
#ifndef PG_GRAY_POSTGRES_SMALL_USER_PLAN_H
#define PG_GRAY_POSTGRES_SMALL_USER_PLAN_H

#include "postgres/planner_statistics.h"

struct _SPI_plan;

/*
 * A cursor option, in a bit that PostgreSQL does not use: it asks for such a plan.  The plan is
 * generic, and $1 is the uid.
 */
#define SMALL_USER_PLAN 0x40000000

/*
 * Plan a statement that was prepared with SMALL_USER_PLAN now, for a large user.  The caller has
 * called SPI_connect.
 */
extern void small_user_plan_make(struct _SPI_plan *plan, const LargeUser *user);

/* Called once, from _PG_init. */
extern void small_user_plan_init(void);

#endif /* PG_GRAY_POSTGRES_SMALL_USER_PLAN_H */
