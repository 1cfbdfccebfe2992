/*
 * twin_mapping.h: the registry of gray_map's expressions
 */
#ifndef PG_GRAY_RELEASE_TWIN_MAPPING_H
#define PG_GRAY_RELEASE_TWIN_MAPPING_H

#include "release/twin.h"

struct List;
struct Release;

/* A column whose value comes from an expression over a row of the other side. */
typedef struct Mapping
{
	Side		side;
	int16_t		attnum;
	const char *expression;
} Mapping;

/*
 * Give the columns of a release's twins their expressions.  The set is outdated where the
 * registry has other numbers or names, or a column is gone.
 */
extern void twin_mapping_load(const struct Release *release, TwinSet *set);

/* All of them (Mapping), production's columns first. */
extern struct List *twin_mapping_list(const Twin *twin);

/* Write the expression of a column into the registry; null takes it out. */
extern void twin_mapping_put(const struct Release *release, const Twin *twin, Side side, int attnum,
							 const char *expression);

/* Write all expressions of a twin anew, as they are loaded. */
extern void twin_mapping_remember(const struct Release *release, const Twin *twin);

#endif /* PG_GRAY_RELEASE_TWIN_MAPPING_H */
