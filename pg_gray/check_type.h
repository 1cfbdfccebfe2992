/*
 * check_type.h: what becomes of values whose types differ
 */
#ifndef CHECK_TYPE_H
#define CHECK_TYPE_H

#include "finding.h"
#include "twin.h"

/*
 * Add an error for each pair of columns without a cast, and ask for gray_map where a cast may
 * not be meant.
 */
extern void check_types(const TwinSet *set, Findings *findings);

/* Ask the same for a number that was altered while users are in gray, when no row tells. */
extern void check_type_altered(const Twin *twin, const TwinColumn *column, Findings *findings);

#endif /* CHECK_TYPE_H */
