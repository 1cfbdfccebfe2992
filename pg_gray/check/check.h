/*
 * check.h: finds what would go wrong with a release before it goes wrong
 */
#ifndef PG_GRAY_CHECK_CHECK_H
#define PG_GRAY_CHECK_CHECK_H

struct Release;
struct TwinSet;

/*
 * Raise object_not_in_prerequisite_state for the first error that gray_check
 * would show; warnings are ignored.  A release without tables is an error.  The
 * caller has called SPI_connect and acts as the catalog owner.
 */
extern void check_or_raise(const struct Release *release, const struct TwinSet *set);

#endif /* PG_GRAY_CHECK_CHECK_H */
