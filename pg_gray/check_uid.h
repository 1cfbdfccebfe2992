/*
 * check_uid.h: whether uid columns still hold uids of the release
 */
#ifndef CHECK_UID_H
#define CHECK_UID_H

#include "finding.h"
#include "twin.h"

struct Release;

/* Add an error for a uid column, on either side, that was given a type of another kind. */
extern void check_uid(const struct Release *release, const Twin *twin, Findings *findings);

#endif /* CHECK_UID_H */
