/*
 * sql_text.h: makes the SQL text of values, casts and comparisons
 */
#ifndef PG_GRAY_POSTGRES_SQL_TEXT_H
#define PG_GRAY_POSTGRES_SQL_TEXT_H

#include <stdint.h>

struct StringInfoData;

/* Append the expression cast to a type with a length (or -1). */
extern void sql_text_cast(struct StringInfoData *sql, const char *expression, unsigned int type,
						  int32_t typmod);

/* Return an expression of type text from which the type can read the same value; palloc'd. */
extern char *sql_text_text(const char *expression);

/*
 * Append an expression for a column of gray: the value whose text, made by sql_text_text, is
 * `text`; without length, as in twin_sql_value (twin_sql.h).
 */
extern void sql_text_from_text(struct StringInfoData *sql, const char *text, unsigned int type);

/* Return PostgreSQL's category of a type (TYPCATEGORY_NUMERIC ...), or of a domain's base type. */
extern char sql_text_category(unsigned int type);

/* Append `left = right`, with the type's own operator when both are of one type. */
extern void sql_text_equal(struct StringInfoData *sql, const char *left, unsigned int left_type,
						   const char *right, unsigned int right_type);

/*
 * Return the expression, which has collation `own`, in collation `wanted`; palloc'd.  When the
 * collations of two values differ, PostgreSQL must be told which to use: the one whose index can
 * be used.
 */
extern char *sql_text_collated(const char *expression, unsigned int own, unsigned int wanted);

/*
 * Append `left operator right`, each operand cast to its type where the operator needs it.
 * Operands of a polymorphic operator are not cast: a cast to anyarray, which PostgreSQL would
 * print, loses the element type of an array whose elements have a length.
 */
extern void sql_text_clause(struct StringInfoData *sql, const char *left, unsigned int left_type,
							unsigned int operator, const char * right, unsigned int right_type);

#endif /* PG_GRAY_POSTGRES_SQL_TEXT_H */
