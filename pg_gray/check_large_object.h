/*
 * check_large_object.h: large objects, which are in no table and so not moved
 */
#ifndef CHECK_LARGE_OBJECT_H
#define CHECK_LARGE_OBJECT_H

#include "finding.h"

struct Release;

/*
 * Add a warning for each gray table whose rows refer to large objects, as far as that can be
 * seen.
 */
extern void check_large_objects(const struct Release *release, Findings *findings);

#endif /* CHECK_LARGE_OBJECT_H */
