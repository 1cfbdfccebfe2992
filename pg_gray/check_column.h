/*
 * check_column.h: whether values have a way from each column to its twin
 */
#ifndef CHECK_COLUMN_H
#define CHECK_COLUMN_H

#include <stdbool.h>

#include "finding.h"
#include "twin.h"

struct Counting;
struct Release;

/*
 * Add what is wrong with the columns of a pair of tables; with null `counting`, rows are not
 * counted.
 */
extern void check_columns(const struct Release *release, const Twin *twin,
						  struct Counting *counting, Findings *findings);

/* True when the column, or its domain, refuses null. */
extern bool check_column_not_null(unsigned int relation, int attnum);

/* The statements that make it refuse null; palloc'd. */
extern char *check_column_set_not_null(const Twin *twin, Side side, const TwinColumn *column);

#endif /* CHECK_COLUMN_H */
