/*
 * check_kept.h: whether what only gray can hold is kept
 */
#ifndef CHECK_KEPT_H
#define CHECK_KEPT_H

#include "finding.h"
#include "twin.h"

/* Add a warning for a table without a key that has columns of its own in gray. */
extern void check_kept(const Twin *twin, Findings *findings);

#endif /* CHECK_KEPT_H */
