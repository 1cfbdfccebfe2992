/*
 * check_function.h: finds functions that name production tables in their bodies
 */
#ifndef PG_GRAY_CHECK_CHECK_FUNCTION_H
#define PG_GRAY_CHECK_CHECK_FUNCTION_H

#include "check/finding.h"

struct ViewPlan;

/*
 * Add a warning for each function or procedure whose body names a table of the release, or a view
 * that reads such a table.  Functions of extensions, of PostgreSQL and of gray schemas are left
 * out, and so are functions that the gray schema has a version of.
 */
extern void check_functions(const struct ViewPlan *plan, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_FUNCTION_H */
