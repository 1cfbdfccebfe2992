/*
 * index_plan.h: plans that find a user's rows by indexes, whatever statistics say
 */
#ifndef INDEX_PLAN_H
#define INDEX_PLAN_H

#include "belief.h"

struct _SPI_plan;

/*
 * A cursor option, of a bit that PostgreSQL has no use for: asks for such a plan.  It is
 * one for any values, $1 being the uid.
 */
#define INDEX_PLAN 0x40000000

/*
 * Have a statement that was prepared with INDEX_PLAN planned now, for a large user.
 * The caller has called SPI_connect.
 */
extern void index_plan_make(struct _SPI_plan *plan, const LargeUser *user);

/* Called once, from _PG_init. */
extern void index_plan_init(void);

#endif /* INDEX_PLAN_H */
