/*
 * check_meaning.h: columns whose values mean something else than when users came to gray
 */
#ifndef CHECK_MEANING_H
#define CHECK_MEANING_H

#include "finding.h"
#include "twin.h"

struct Counting;
struct Release;

/*
 * Add an error for each column that was altered while users are in gray, and for which the way
 * home of one of them would be refused (see meaning.h).  The mappings of the set are qualified.
 */
extern void check_meanings(const struct Release *release, const TwinSet *set,
						   struct Counting *counting, Findings *findings);

#endif /* CHECK_MEANING_H */
