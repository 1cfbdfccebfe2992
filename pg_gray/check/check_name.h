/*
 * check_name.h: names that a function would not find in a move
 */
#ifndef PG_GRAY_CHECK_CHECK_NAME_H
#define PG_GRAY_CHECK_CHECK_NAME_H

#include "check/finding.h"

struct List;

/*
 * Add a warning for each of these functions (Oids), which a table calls, whose text has the bare
 * name of a table or function that is not in pg_catalog; `path` is where it would be found.
 */
extern void check_names(struct List *functions, const char *table, const char *path,
						Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_NAME_H */
