/*
 * park_sql.h: makes the SQL of statements on own tables and their parked tables
 *
 * $1 is the uid, g and c are rows of the gray table, k is a row of its parked table.
 */
#ifndef PG_GRAY_MOVE_PARK_SQL_H
#define PG_GRAY_MOVE_PARK_SQL_H

#include <stdbool.h>

#include "release/twin.h"

struct Reference;
struct StringInfoData;

/* Append ", <prefix>a, <prefix>b" with the names that the columns have in the parked table. */
extern void park_sql_parked_columns(struct StringInfoData *sql, const Twin *own, const char *prefix);

/* Append ", c.a AS <parked name>, ...": the columns of row `alias` as the parked table names them. */
extern void park_sql_as_parked(struct StringInfoData *sql, const Twin *own, const char *alias);

/* Append "k.a, k.b": the values of parked row k for the gray table, maybe named as its columns. */
extern void park_sql_values(struct StringInfoData *sql, const Twin *own, bool named);

/* Append "a, b": the names that the same columns have in the gray table. */
extern void park_sql_gray_columns(struct StringInfoData *sql, const Twin *own);

/* Append " AND k.a IS NOT NULL": a parked row k refers to a row at all. */
extern void park_sql_refers_at_all(struct StringInfoData *sql, const struct Reference *reference);

/* Return the parked table's name of a referring column, by its number in the foreign key. */
extern const char *park_sql_referring(const struct Reference *reference, int i);

/*
 * Append a condition: production has a row to which parked row k would refer if it were in gray.
 * True also when that can't be told.
 */
extern void park_sql_refers_home(struct StringInfoData *sql, const struct Reference *reference);

#endif /* PG_GRAY_MOVE_PARK_SQL_H */
