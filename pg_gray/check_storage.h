/*
 * check_storage.h: whether a crash takes the rows of one side alone
 */
#ifndef CHECK_STORAGE_H
#define CHECK_STORAGE_H

#include "finding.h"

struct Release;

/* Add an error for each gray table or partition that is UNLOGGED, where production's is not. */
extern void check_storage(const struct Release *release, Findings *findings);

#endif /* CHECK_STORAGE_H */
