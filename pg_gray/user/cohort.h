/*
 * cohort.h: decides which users are to be in gray
 */
#ifndef PG_GRAY_USER_COHORT_H
#define PG_GRAY_USER_COHORT_H

#include <stdbool.h>

struct Release;
struct Uid;

/*
 * True when the release is open and the user is in its cohort: the user's
 * data should be in gray.  The caller has called SPI_connect and acts as the
 * catalog owner.
 */
extern bool cohort_wants(const struct Release *release, const struct Uid *uid);

/* True when the user is in the list or in the percentage, open or not. */
extern bool cohort_has(const struct Release *release, const struct Uid *uid);

#endif /* PG_GRAY_USER_COHORT_H */
