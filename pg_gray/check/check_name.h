/*
 * check_name.h: finds names in functions that a move would not find
 */
#ifndef PG_GRAY_CHECK_CHECK_NAME_H
#define PG_GRAY_CHECK_CHECK_NAME_H

#include "check/finding.h"

struct List;

/*
 * Add a warning for each of these functions (Oids), which `table` calls, if the function's text has
 * the unqualified name of a table or function that is not in pg_catalog.  `path` is the search_path
 * under which the name would be found.
 */
extern void check_names(struct List *functions, const char *table, const char *path,
						Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_NAME_H */
