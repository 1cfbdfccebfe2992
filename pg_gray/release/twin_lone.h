/*
 * twin_lone.h: loads columns that only one of two twins has
 */
#ifndef PG_GRAY_RELEASE_TWIN_LONE_H
#define PG_GRAY_RELEASE_TWIN_LONE_H

#include "release/twin.h"

/*
 * Load the lone columns of both sides, in the current memory context; the pairs of the twin are
 * loaded already.
 */
extern void twin_lone_load(Twin *twin);

/* Return the lone column with this attribute on the given side, or null. */
extern LoneColumn *twin_lone_column(const Twin *twin, Side side, int attnum);

/* Return the default of a column as an expression, or "NULL"; prints under the search_path. */
extern char *twin_lone_default(const Twin *twin, Side side, int attnum);

/* True when the default differs each time. */
extern bool twin_lone_default_varies(const Twin *twin, Side side, int attnum);

#endif /* PG_GRAY_RELEASE_TWIN_LONE_H */
