/*
 * release_functions.h: creating a release, opening and closing it
 */
#ifndef PG_GRAY_FUNCTIONS_RELEASE_FUNCTIONS_H
#define PG_GRAY_FUNCTIONS_RELEASE_FUNCTIONS_H

#include <stdbool.h>

struct Release;

/* Turn the switch, and tell the gateways. */
extern void release_set_open(const struct Release *release, bool open);

#endif /* PG_GRAY_FUNCTIONS_RELEASE_FUNCTIONS_H */
