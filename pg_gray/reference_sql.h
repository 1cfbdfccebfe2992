/*
 * reference_sql.h: the conditions and words that statements on foreign keys are
 * made of
 */
#ifndef REFERENCE_SQL_H
#define REFERENCE_SQL_H

#include "twin.h"

struct ForeignKeyCacheInfo;
struct StringInfoData;

/* Append a condition: row `from` refers to row `to` by this key. */
extern void reference_sql_refers(struct StringInfoData *sql, const struct ForeignKeyCacheInfo *key,
								 const char *from, const char *to);

/* Append the referring columns of row `alias`, each followed by `suffix`. */
extern void reference_sql_columns(struct StringInfoData *sql, const struct ForeignKeyCacheInfo *key,
								  const char *alias, const char *separator, const char *suffix);

/*
 * Append a condition: one of the user's gray rows will have at home what this key refers
 * to in p, a row of the production table.
 */
extern void reference_sql_comes_back(struct StringInfoData *sql, const Twin *twin,
									 const struct ForeignKeyCacheInfo *key);

/* "(a, b)=(1, 2)": the referring columns with the values of the last query's first row. */
extern char *reference_sql_key(const struct ForeignKeyCacheInfo *key);

/* For ereport: schema, table and constraint of the key. */
extern int reference_sql_error(const struct ForeignKeyCacheInfo *key);

#endif /* REFERENCE_SQL_H */
