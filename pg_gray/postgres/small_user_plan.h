/*
 * small_user_plan.h: plans that find a user's rows by indexes, whatever statistics say
 */
#ifndef PG_GRAY_POSTGRES_SMALL_USER_PLAN_H
#define PG_GRAY_POSTGRES_SMALL_USER_PLAN_H

#include "postgres/planner_statistics.h"

struct _SPI_plan;

/*
 * A cursor option, of a bit that PostgreSQL has no use for: asks for such a plan.  It is
 * one for any values, $1 being the uid.
 */
#define SMALL_USER_PLAN 0x40000000

/*
 * Have a statement that was prepared with SMALL_USER_PLAN planned now, for a large user.
 * The caller has called SPI_connect.
 */
extern void small_user_plan_make(struct _SPI_plan *plan, const LargeUser *user);

/* Called once, from _PG_init. */
extern void small_user_plan_init(void);

#endif /* PG_GRAY_POSTGRES_SMALL_USER_PLAN_H */
