/*
 * diff_rename.h: reading a gray definition with production's column names
 */
#ifndef PG_GRAY_STRUCTURE_DIFF_RENAME_H
#define PG_GRAY_STRUCTURE_DIFF_RENAME_H

#include <stdbool.h>

#include "release/twin.h"

/* Has a column of the gray table another name than its twin? */
extern bool rename_needed(const Twin *twin);

/*
 * SQL text about the gray table, in which the names of its columns are exchanged
 * for those of their twins; palloc'd.  Text in quotes and names of functions stay.
 */
extern char *rename_columns(const Twin *twin, const char *sql);

#endif /* PG_GRAY_STRUCTURE_DIFF_RENAME_H */
