/*
 * check_set_null.h: foreign keys that take rows from their user
 */
#ifndef CHECK_SET_NULL_H
#define CHECK_SET_NULL_H

#include "finding.h"
#include "twin.h"

struct Release;

/* Add a warning for each with ON DELETE or ON UPDATE SET NULL or SET DEFAULT on an owner path. */
extern void check_set_null(const struct Release *release, const TwinSet *set, Findings *findings);

#endif /* CHECK_SET_NULL_H */
