/*
 * check_call.h: finds functions of the application that do not work in a move
 */
#ifndef PG_GRAY_CHECK_CHECK_CALL_H
#define PG_GRAY_CHECK_CHECK_CALL_H

#include <stdbool.h>

#include "check/finding.h"
#include "release/twin.h"

struct Counting;
struct Release;

/*
 * True when a table of the release may call a function that is not PostgreSQL's own, through a
 * constraint, an index, a mapping and so on.
 */
extern bool check_call_is_any(const struct Release *release, const TwinSet *set);

/*
 * Add an error for each constraint, default, generated column, index, domain and mapping whose
 * function fails under a move's search_path when the function is called for an existing row.
 * Where the table has no row, add a warning if the body of the function has a name without a
 * schema that a move would not find.  The mappings of the set are qualified.
 */
extern void check_calls(const struct Release *release, const TwinSet *set,
						const struct Counting *counting, Findings *findings);

#endif /* PG_GRAY_CHECK_CHECK_CALL_H */
