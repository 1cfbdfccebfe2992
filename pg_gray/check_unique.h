/*
 * check_unique.h: unique values that two users can take, one on each side
 */
#ifndef CHECK_UNIQUE_H
#define CHECK_UNIQUE_H

#include "finding.h"
#include "twin.h"

struct Release;

/* The caller has called SPI_connect and acts as the catalog owner. */
extern void check_unique(const struct Release *release, const Twin *twin, Findings *findings);

#endif /* CHECK_UNIQUE_H */
