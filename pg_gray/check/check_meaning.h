/*
 * check_meaning.h: finds columns whose values changed their meaning since users came to gray
 */
#ifndef PG_GRAY_CHECK_CHECK_MEANING_H
#define PG_GRAY_CHECK_CHECK_MEANING_H

#include "check/finding.h"
#include "release/twin.h"

struct Counting;
struct Release;

/*
 * Add an error for each column that was altered while users are in gray, if the way home of one of
 * these users would be refused because of it (see home_meaning.h).  The mappings of the set are
 * qualified.
 */
extern void check_meanings(const struct Release *release, const TwinSet *set,
						   struct Counting *counting, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_MEANING_H */
