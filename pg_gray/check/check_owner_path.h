/*
 * check_owner_path.h: whether each row leads to its user, and to that one alone
 */
#ifndef PG_GRAY_CHECK_CHECK_OWNER_PATH_H
#define PG_GRAY_CHECK_CHECK_OWNER_PATH_H

#include "check/finding.h"
#include "release/twin.h"

struct Counting;
struct Release;
struct StringInfoData;

/*
 * Columns of a twin's table that lead to the user: that of the uid, or those of the path;
 * palloc'd.
 */
extern int check_owner_columns(const Twin *twin, const Column ***columns);

/* Add an error for each column on an owner path whose collation takes different texts for equal. */
extern void check_owner_collations(const TwinSet *set, Findings *findings);

/*
 * Add a warning for each table with rows that belong to nobody, or may come to: a column on its
 * owner path may be null.
 */
extern void check_owner_paths(const struct Release *release, const TwinSet *set,
							  struct Counting *counting, Findings *findings);

/*
 * Append the joins (" JOIN ..." or " LEFT JOIN ...") that lead from row `alias` of a twin's
 * table on a side to its user.  Returns the expression of the uid; palloc'd.
 */
extern char *check_owner_join(struct StringInfoData *sql, const Twin *twin, Side side,
							  const char *alias, const char *join);

/*
 * Append a condition: row `alias` of a twin's table on a side leads on to a user.  Such a row may
 * still turn out to be nobody's.
 */
extern void check_owner_leads(struct StringInfoData *sql, const Twin *twin, Side side,
							  const char *alias);

#endif /* PG_GRAY_CHECK_CHECK_OWNER_PATH_H */
