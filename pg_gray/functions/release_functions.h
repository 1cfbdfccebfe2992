/*
 * release_functions.h: the SQL functions that create, open and close a release
 */
#ifndef PG_GRAY_FUNCTIONS_RELEASE_FUNCTIONS_H
#define PG_GRAY_FUNCTIONS_RELEASE_FUNCTIONS_H

#include <stdbool.h>

struct Release;

/* Open or close the release's switch, and notify the gateways. */
extern void release_set_open(const struct Release *release, bool open);

#endif /* PG_GRAY_FUNCTIONS_RELEASE_FUNCTIONS_H */
