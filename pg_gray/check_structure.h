/*
 * check_structure.h: differences of twins by which a row is refused on one side
 */
#ifndef CHECK_STRUCTURE_H
#define CHECK_STRUCTURE_H

#include "finding.h"
#include "twin.h"

struct Release;

/*
 * Add warnings about constraints that one side has and the other has not (see
 * diff.h), and identity columns whose rule gray can't keep.  The caller has called
 * SPI_connect and acts as the catalog owner.
 */
extern void check_structure(const struct Release *release, const TwinSet *set, Findings *findings);

#endif /* CHECK_STRUCTURE_H */
