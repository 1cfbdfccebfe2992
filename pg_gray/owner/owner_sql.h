/*
 * owner_sql.h: how the rows of a twin's table lead to their user, in SQL
 */
#ifndef PG_GRAY_OWNER_OWNER_SQL_H
#define PG_GRAY_OWNER_OWNER_SQL_H

#include "release/twin.h"

struct StringInfoData;

/*
 * Columns of a twin's table that lead to the user: that of the uid, or those of the path;
 * palloc'd.
 */
extern int owner_sql_columns(const Twin *twin, const Column ***columns);

/*
 * Append the joins (" JOIN ..." or " LEFT JOIN ...") that lead from row `alias` of a twin's
 * table on a side to its user.  Returns the expression of the uid; palloc'd.
 */
extern char *owner_sql_join(struct StringInfoData *sql, const Twin *twin, Side side,
							const char *alias, const char *join);

/*
 * Append a condition: row `alias` of a twin's table on a side leads on to a user.  Such a row may
 * still turn out to be nobody's.
 */
extern void owner_sql_leads(struct StringInfoData *sql, const Twin *twin, Side side,
							const char *alias);

#endif /* PG_GRAY_OWNER_OWNER_SQL_H */
