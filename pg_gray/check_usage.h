/*
 * check_usage.h: roles that may use the tables, but don't see the gray schema
 */
#ifndef CHECK_USAGE_H
#define CHECK_USAGE_H

#include "finding.h"

struct Release;

/* The caller has called SPI_connect and acts as the catalog owner. */
extern void check_usage(const struct Release *release, Findings *findings);

#endif /* CHECK_USAGE_H */
