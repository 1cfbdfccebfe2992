/*
 * check_view.h: finds views and rules that lead version 2 to production's frozen rows
 */
#ifndef PG_GRAY_CHECK_CHECK_VIEW_H
#define PG_GRAY_CHECK_CHECK_VIEW_H

#include "check/finding.h"

struct ViewPlan;

/*
 * Add a warning for each view and materialized view of production that reads a table of the release
 * and has no twin, and for each view in gray that reads production.  `plan` comes from
 * view_plan_make, which was called for the role that calls gray_clone.
 */
extern void check_views(const struct ViewPlan *plan, Findings *findings);

/*
 * Add a warning for each rule on a table of the release, or on a view that reads such a table.  A
 * move writes the tables directly, so the action of a rule does not happen.
 */
extern void check_rules(const struct ViewPlan *plan, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_VIEW_H */
