/*
 * view_plan.h: decides which views follow the tables of a release into its gray schema
 */
#ifndef PG_GRAY_CLONE_VIEW_PLAN_H
#define PG_GRAY_CLONE_VIEW_PLAN_H

#include <stdbool.h>

#include "clone/view.h"

/*
 * Plan what happens to each view if these are the tables (Oids) of the release, on behalf of role
 * `caller`.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern ViewPlan *view_plan_make(const struct Release *release, struct List *tables,
								unsigned int caller);

/*
 * Describe a view in a few words, such as "view on public.orders".  While the view is not made
 * (`is_made` is false), the obstacle that may prevent it is added.
 */
extern char *view_plan_describe(const ViewPlan *plan, const View *view, bool is_made);

#endif /* PG_GRAY_CLONE_VIEW_PLAN_H */
