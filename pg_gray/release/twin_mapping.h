/*
 * twin_mapping.h: reads and writes the registry of gray_map's expressions
 */
#ifndef PG_GRAY_RELEASE_TWIN_MAPPING_H
#define PG_GRAY_RELEASE_TWIN_MAPPING_H

#include "release/twin.h"

struct List;
struct Release;

/* A column whose value is computed by an expression over a row of the other side. */
typedef struct Mapping
{
	Side		side;
	int16_t		attnum;
	const char *expression;
} Mapping;

/*
 * Set the expressions of the columns, pairs and lone ones, of a release's twins.  The set is
 * outdated when the registry has other numbers or names, or when a column is gone.
 */
extern void twin_mapping_load(const struct Release *release, TwinSet *set);

/* Return all mappings (Mapping) of a twin, production's columns first. */
extern struct List *twin_mapping_list(const Twin *twin);

/* Write the expression of a column into the registry; null removes it. */
extern void twin_mapping_put(const struct Release *release, const Twin *twin, Side side, int attnum,
							 const char *expression);

/* Write all loaded expressions of a twin into the registry anew. */
extern void twin_mapping_remember(const struct Release *release, const Twin *twin);

#endif /* PG_GRAY_RELEASE_TWIN_MAPPING_H */
