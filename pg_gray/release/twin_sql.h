/*
 * twin_sql.h: makes the conditions and expressions of statements on a pair of twins
 *
 * $1 is the uid, p a row of the production table, g a row of the gray table.
 *
 * A gray row as it came is what p becomes by the mapping, except for values that were kept from an
 * earlier stay and were put into the row again (kept_values.h).
 *
 * Several users who come home together (home_together.h) count as one: then $1 is an array of
 * their uids, and a row may go from one of them to another.
 */
#ifndef PG_GRAY_RELEASE_TWIN_SQL_H
#define PG_GRAY_RELEASE_TWIN_SQL_H

#include <stdbool.h>

#include "release/twin.h"

struct StringInfoData;

/* Set whether $1 is an array from now on. */
extern void twin_sql_set_together(bool together);
extern bool twin_sql_is_together(void);

/* Return "= $1", or the same for an array: a condition to follow a uid. */
extern const char *twin_sql_is_user(void);

/* Return p or g. */
extern const char *twin_sql_alias(Side side);

/* Append a condition: row `alias` of this side belongs to user $1. */
extern void twin_sql_owned(struct StringInfoData *sql, const Twin *twin, Side side,
						   const char *alias);

/* The same for any user: `is_owner` is the condition that follows the uid. */
extern void twin_sql_owned_by(struct StringInfoData *sql, const Twin *twin, Side side,
							  const char *alias, const char *is_owner);

/*
 * Append an expression: the uid of the user to whom row `alias` of this side belongs; null for a
 * row without an owner.
 */
extern void twin_sql_owner(struct StringInfoData *sql, const Twin *twin, Side side,
						   const char *alias);

/* Append a condition: row `alias` of this side refers by the owner path to row `parent`. */
extern void twin_sql_refers(struct StringInfoData *sql, const Twin *twin, Side side,
							const char *alias, const char *parent);

/* Append a condition: p (or `production`, a row of the same table) and g have the same key. */
extern void twin_sql_same_key(struct StringInfoData *sql, const Twin *twin);
extern void twin_sql_same_key_as(struct StringInfoData *sql, const Twin *twin,
								 const char *production);

/* Append a condition: no gray row of the user is the twin of p. */
extern void twin_sql_without_twin(struct StringInfoData *sql, const Twin *twin);

/* True for a column that a way home writes: a pair, or one that production has alone with a `down`. */
extern bool twin_sql_comes_home(const Twin *twin, const Column *column);

/* True when the pair is also data in gray, and not computed there from other columns. */
extern bool twin_sql_is_data(const Twin *twin, const Column *column);

/*
 * Append the value that the other side's column gets of a row of `from`: an explicit cast
 * where the types differ, without length, so that too long a value is
 * refused by the assignment instead of being cut.  Without a mapping, a column that `from` does not
 * have gets its default.
 */
extern void twin_sql_value(struct StringInfoData *sql, const Column *column, Side from);

/* Append what p's row gives, or would give, the gray column: its value there as it is stored. */
extern void twin_sql_up(struct StringInfoData *sql, const Column *column);

/* Append the default of a column; prints under the search_path. */
extern void twin_sql_default(struct StringInfoData *sql, const Column *column, Side side);

/*
 * Append a condition: this side has no value of its own in a column, which is null or has the
 * default (unless the default differs each time).
 */
extern void twin_sql_is_silent(struct StringInfoData *sql, const Column *column, Side side);

/* Append a condition: g's value, cut to the length of production's column, equals p's. */
extern void twin_sql_leads_back(struct StringInfoData *sql, const Column *column);

/*
 * Append the value that g's value of a pair without mappings becomes in production and then in
 * gray again.
 */
extern void twin_sql_there_and_back(struct StringInfoData *sql, const Column *column);

/* Append an expression of the gray column's type as a value for production, as twin_sql_value does. */
extern void twin_sql_cast_home(struct StringInfoData *sql, const Column *column,
							   const char *expression);

/* Append the key of p as text[]: the name of the row in the kept table. */
extern void twin_sql_key(struct StringInfoData *sql, const Twin *twin);

/* Append a condition: `key` is the key of p. */
extern void twin_sql_has_key(struct StringInfoData *sql, const Twin *twin, const char *key);

#endif /* PG_GRAY_RELEASE_TWIN_SQL_H */
