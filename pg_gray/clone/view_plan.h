/*
 * view_plan.h: which views follow the tables of a release into its gray schema
 */
#ifndef PG_GRAY_CLONE_VIEW_PLAN_H
#define PG_GRAY_CLONE_VIEW_PLAN_H

#include <stdbool.h>

#include "clone/view.h"

/*
 * What is to be done with which view when these are the tables (Oids) of the
 * release, on behalf of role `caller`.  The caller has called SPI_connect and
 * acts as the catalog owner.
 */
extern ViewPlan *view_plan_make(const struct Release *release, struct List *tables,
								unsigned int caller);

/* "view on public.orders": in a word, and before it is made also what may keep it from that. */
extern char *view_plan_describe(const ViewPlan *plan, const View *view, bool is_made);

#endif /* PG_GRAY_CLONE_VIEW_PLAN_H */
