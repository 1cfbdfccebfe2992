/*
 * owner_sql.h: makes the SQL that leads from the rows of a twin's table to their user
 */
#ifndef PG_GRAY_OWNER_OWNER_SQL_H
#define PG_GRAY_OWNER_OWNER_SQL_H

#include "release/twin.h"

struct StringInfoData;

/*
 * Set *columns to the columns of a twin's table that lead to the user, and return their number: the
 * uid column, or the columns of the owner path; palloc'd.
 */
extern int owner_sql_columns(const Twin *twin, const Column ***columns);

/*
 * Append the joins (" JOIN ..." or " LEFT JOIN ...") that lead from row `alias` of a twin's
 * table on a side to its user.  Returns the expression of the uid; palloc'd.
 */
extern char *owner_sql_join(struct StringInfoData *sql, const Twin *twin, Side side,
							const char *alias, const char *join);

/*
 * Append a condition: in row `alias` of a twin's table on a side, no column that leads to the user
 * is null.  Such a row may still belong to nobody.
 */
extern void owner_sql_leads(struct StringInfoData *sql, const Twin *twin, Side side,
							const char *alias);

#endif /* PG_GRAY_OWNER_OWNER_SQL_H */
