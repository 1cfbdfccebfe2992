/*
 * twin_lone.h: columns that only one of two twins has
 */
#ifndef PG_GRAY_RELEASE_TWIN_LONE_H
#define PG_GRAY_RELEASE_TWIN_LONE_H

#include "release/twin.h"

/*
 * Load them for both sides, in the current memory context; the pairs of the twin are
 * loaded.
 */
extern void twin_lone_load(Twin *twin);

/* The lone column that has this attribute on the given side, or null. */
extern LoneColumn *twin_lone_column(const Twin *twin, Side side, int attnum);

/*
 * The default of a column as an expression, or "NULL"; prints under the search_path.
 */
extern char *twin_lone_default(const Twin *twin, Side side, int attnum);

/* Is it another value each time? */
extern bool twin_lone_default_varies(const Twin *twin, Side side, int attnum);

#endif /* PG_GRAY_RELEASE_TWIN_LONE_H */
