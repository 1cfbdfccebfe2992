/*
 * check_type.h: what becomes of values whose types differ
 */
#ifndef CHECK_TYPE_H
#define CHECK_TYPE_H

#include "finding.h"
#include "twin.h"

struct Counting;
struct Release;

/*
 * Add an error for each pair of columns without a cast, and ask for gray_map where a cast may
 * not be meant.
 */
extern void check_types(const TwinSet *set, Findings *findings);

/*
 * Add an error for each column that was altered while users are in gray and whose values mean
 * something else since: rows that nobody wrote there are no longer what the migration would make
 * of production's.
 */
extern void check_meanings(const struct Release *release, const TwinSet *set,
						   struct Counting *counting, Findings *findings);

#endif /* CHECK_TYPE_H */
