/*
 * check_function.h: which functions name production tables in their bodies
 */
#ifndef PG_GRAY_CHECK_CHECK_FUNCTION_H
#define PG_GRAY_CHECK_CHECK_FUNCTION_H

#include "check/finding.h"

struct ViewPlan;

/*
 * Add a warning for each function or procedure whose body names a table of the
 * release, or a view that reads one; those of extensions, of PostgreSQL and of gray
 * schemas are left out, and those of which the gray schema has one of its own.
 */
extern void check_functions(const struct ViewPlan *plan, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_FUNCTION_H */
