/*
 * check_mapping.h: whether what gray_map was told still holds
 */
#ifndef CHECK_MAPPING_H
#define CHECK_MAPPING_H

#include "finding.h"
#include "twin.h"

/* Add what is wrong with the expressions of a pair of tables. */
extern void check_mappings(const TwinSet *set, const Twin *twin, Findings *findings);

#endif /* CHECK_MAPPING_H */
