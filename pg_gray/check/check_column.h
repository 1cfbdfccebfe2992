/*
 * check_column.h: checks whether the values of each column can go to its twin
 */
#ifndef PG_GRAY_CHECK_CHECK_COLUMN_H
#define PG_GRAY_CHECK_CHECK_COLUMN_H

#include <stdbool.h>

#include "check/finding.h"
#include "release/twin.h"

struct Counting;
struct Release;

/*
 * Add the findings about the columns of a pair of tables.  With null `counting`, rows are not
 * counted.
 */
extern void check_columns(const struct Release *release, const Twin *twin,
						  struct Counting *counting, Findings *findings);

/* True when the column, or its domain, refuses null. */
extern bool check_column_not_null(unsigned int relation, int attnum);

/* The statements that make the column refuse null; palloc'd. */
extern char *check_column_set_not_null(const Twin *twin, Side side, const Column *column);

/*
 * Add an error for each pair of columns without a cast, and a warning that asks for gray_map where
 * the cast may not keep the meaning of the values.
 */
extern void check_types(const TwinSet *set, Findings *findings);

/*
 * Ask for gray_map for a column of numbers that was altered while users are in gray, when no row
 * shows whether the meaning changed.
 */
extern void check_type_altered(const Twin *twin, const Column *column, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_COLUMN_H */
