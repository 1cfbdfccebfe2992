/*
 * twin_sql.h: the conditions and expressions that every statement on a pair
 * of twins is made of
 *
 * $1 is the uid, p a row of the production table, g one of its gray twin.
 *
 * What the gray row was when it came is what p becomes by the mapping, except for
 * values that were kept from an earlier stay and were put into it again (kept_values.h).
 *
 * Several users who come home together (home_together.h) are taken for one: $1 is an array of
 * their uids then, and a row may go from one of them to another.
 */
#ifndef PG_GRAY_RELEASE_TWIN_SQL_H
#define PG_GRAY_RELEASE_TWIN_SQL_H

#include <stdbool.h>

#include "release/twin.h"

struct StringInfoData;

/* From now on, $1 is an array, or is none. */
extern void twin_sql_set_together(bool together);
extern bool twin_sql_is_together(void);

/* "= $1", or the like of an array: what is said of a uid after its name. */
extern const char *twin_sql_is_user(void);

/* p or g. */
extern const char *twin_sql_alias(Side side);

/* Append a condition: row `alias` of this side belongs to user $1. */
extern void twin_sql_owned(struct StringInfoData *sql, const Twin *twin, Side side,
						   const char *alias);

/* The same of any user: `is_owner` is what is said of the uid after its name. */
extern void twin_sql_owned_by(struct StringInfoData *sql, const Twin *twin, Side side,
							  const char *alias, const char *is_owner);

/* Append the uid of the user to whom row `alias` of this side belongs; null: nobody. */
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

/*
 * Append a condition: p, seen through the mapping and with what was kept, is not the
 * same as g, bit for bit, in a column that both sides hold as data.
 */
extern void twin_sql_differs(struct StringInfoData *sql, const Twin *twin);

/* Append a condition: g still has what it got for a pair when p came to gray. */
extern void twin_sql_as_it_came(struct StringInfoData *sql, const Twin *twin,
								const TwinColumn *column);

/*
 * Append what comes home for a pair, or for a production-only column that has an
 * expression: the frozen value of p as long as gray holds what that became.
 */
extern void twin_sql_merged(struct StringInfoData *sql, const Twin *twin, const TwinColumn *column);
extern void twin_sql_merged_lone(struct StringInfoData *sql, const Twin *twin,
								 const LoneColumn *column);

/* True for a pair that a way home writes. */
extern bool twin_sql_comes_home(const Twin *twin, const TwinColumn *column);

/* True if it is also data in gray, and not computed there from other columns. */
extern bool twin_sql_is_data(const Twin *twin, const TwinColumn *column);

/*
 * Append a column of `from` as a value for the other side: an explicit cast
 * where the types differ, without length, so that too long a value is
 * refused by the assignment instead of being cut.
 */
extern void twin_sql_value(struct StringInfoData *sql, const TwinColumn *column, Side from);

/* Append the value of a column that has no twin, by its expression. */
extern void twin_sql_lone(struct StringInfoData *sql, const LoneColumn *column);

/* Append the default of a column that has no twin; prints under the search_path. */
extern void twin_sql_lone_default(struct StringInfoData *sql, const Twin *twin, Side side,
								  const LoneColumn *column);

/* The same of a column that has one. */
extern void twin_sql_default(struct StringInfoData *sql, const Twin *twin, Side side,
							 const TwinColumn *column);

/*
 * Append a condition: this side says nothing of its own in a column, which is null or has the
 * default (unless that is another each time).
 */
extern void twin_sql_is_silent(struct StringInfoData *sql, const Twin *twin, Side side,
							   const TwinColumn *column);

/* Append a condition: g's value, cut to the length of production's column, is what p has. */
extern void twin_sql_leads_back(struct StringInfoData *sql, const TwinColumn *column);

/* Append what g's value of a pair without mappings becomes in production and then in gray again. */
extern void twin_sql_there_and_back(struct StringInfoData *sql, const TwinColumn *column);

/* Append an expression of the gray column's type as a value for production, as twin_sql_value does. */
extern void twin_sql_cast_home(struct StringInfoData *sql, const TwinColumn *column,
							   const char *expression);

/* Append the value that a migration gives a gray column that has no twin. */
extern void twin_sql_lone_up(struct StringInfoData *sql, const Twin *twin, const LoneColumn *column);

/* Append the key of p as text[]: the name of the row in the kept table. */
extern void twin_sql_key(struct StringInfoData *sql, const Twin *twin);

/* Append a condition: it is this one. */
extern void twin_sql_has_key(struct StringInfoData *sql, const Twin *twin, const char *key);

/* Append what p's column became, or would become, in the gray table. */
extern void twin_sql_up(struct StringInfoData *sql, const TwinColumn *column);

#endif /* PG_GRAY_RELEASE_TWIN_SQL_H */
