/*
 * check_view.h: views and rules that lead version 2 to production's frozen rows
 */
#ifndef PG_GRAY_CHECK_CHECK_VIEW_H
#define PG_GRAY_CHECK_CHECK_VIEW_H

#include "check/finding.h"

struct ViewPlan;

/*
 * Add a warning for each view and materialized view of production that reads a table
 * of the release and has no twin, and for each in gray that reads production.
 * Call view_plan before, for the caller of gray_clone.
 */
extern void check_views(const struct ViewPlan *plan, Findings *findings);

/*
 * Add a warning for each table of the release with its rules, and for each view that reads one:
 * a move writes tables, and what a rule would do besides or instead does not happen.
 */
extern void check_rules(const struct ViewPlan *plan, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_VIEW_H */
