/*
 * check_meaning.h: columns whose values mean something else than when users came to gray
 */
#ifndef PG_GRAY_CHECK_CHECK_MEANING_H
#define PG_GRAY_CHECK_CHECK_MEANING_H

#include "check/finding.h"
#include "release/twin.h"

struct Counting;
struct Release;

/*
 * Add an error for each column that was altered while users are in gray, and for which the way
 * home of one of them would be refused (see home_meaning.h).  The mappings of the set are qualified.
 */
extern void check_meanings(const struct Release *release, const TwinSet *set,
						   struct Counting *counting, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_MEANING_H */
