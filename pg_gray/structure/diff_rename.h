/*
 * diff_rename.h: rewrites a gray definition with production's column names
 */
#ifndef PG_GRAY_STRUCTURE_DIFF_RENAME_H
#define PG_GRAY_STRUCTURE_DIFF_RENAME_H

#include <stdbool.h>

#include "release/twin.h"

/* Has a column of the gray table another name than its twin in production? */
extern bool rename_needed(const Twin *twin);

/*
 * Return SQL text about the gray table with the names of its columns replaced by the names of their
 * twins in production; palloc'd.  Text in single quotes and names of functions stay as they are.
 */
extern char *rename_columns(const Twin *twin, const char *sql);

#endif /* PG_GRAY_STRUCTURE_DIFF_RENAME_H */
