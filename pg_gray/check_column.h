/*
 * check_column.h: whether values have a way from each column to its twin
 */
#ifndef CHECK_COLUMN_H
#define CHECK_COLUMN_H

#include "finding.h"
#include "twin.h"

struct Release;

/* Add what is wrong with the columns of a pair of tables. */
extern void check_columns(const struct Release *release, const Twin *twin, Findings *findings);

#endif /* CHECK_COLUMN_H */
