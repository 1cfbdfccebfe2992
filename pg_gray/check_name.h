/*
 * check_name.h: names that a function would not find in a move
 */
#ifndef CHECK_NAME_H
#define CHECK_NAME_H

#include "finding.h"

struct List;

/*
 * Add a warning for each of these functions (Oids), which a table calls, whose text has the bare
 * name of a table or function that is not in pg_catalog; `path` is where it would be found.
 */
extern void check_names(struct List *functions, const char *table, const char *path,
						Findings *findings);

#endif /* CHECK_NAME_H */
