/*
 * check_view.h: through which views version 2 would read production's frozen rows
 */
#ifndef CHECK_VIEW_H
#define CHECK_VIEW_H

#include "finding.h"

struct ViewPlan;

/*
 * Add a warning for each view and materialized view of production that reads a table
 * of the release and has no twin, and for each in gray that reads production.
 * Call view_plan before, for the caller of gray_clone.
 */
extern void check_views(const struct ViewPlan *plan, Findings *findings);

#endif /* CHECK_VIEW_H */
