/*
 * check_shared.h: clean-ups of shared rows that would reach the other side
 */
#ifndef CHECK_SHARED_H
#define CHECK_SHARED_H

#include "finding.h"

struct Release;

/*
 * Add a warning for each foreign key by whose action a row outside the release takes or changes
 * rows of both sides, unless a policy was chosen for it; and for each table outside that lacks our
 * trigger.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern void check_shared(const struct Release *release, Findings *findings);

#endif /* CHECK_SHARED_H */
