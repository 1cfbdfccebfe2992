/*
 * check_schema.h: whether strangers may put something into the gray schema
 */
#ifndef CHECK_SCHEMA_H
#define CHECK_SCHEMA_H

#include "finding.h"
#include "twin.h"

struct Release;

/* The caller has called SPI_connect and acts as the catalog owner. */
extern void check_schema(const struct Release *release, const TwinSet *set, Findings *findings);

#endif /* CHECK_SCHEMA_H */
