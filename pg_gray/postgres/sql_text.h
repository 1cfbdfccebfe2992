/*
 * sql_text.h: values, casts and comparisons in the text of statements
 */
#ifndef PG_GRAY_POSTGRES_SQL_TEXT_H
#define PG_GRAY_POSTGRES_SQL_TEXT_H

#include <stdint.h>

struct StringInfoData;

/* Append the expression cast to a type with a length (or -1). */
extern void sql_text_cast(struct StringInfoData *sql, const char *expression, unsigned int type,
						  int32_t typmod);

/* An expression as text, so that the type can read the same value of it; palloc'd. */
extern char *sql_text_text(const char *expression);

/*
 * Append an expression for a column of gray: the value that text, made by sql_text_text,
 * stands for; without length, as in twin_sql_value (twin_sql.h).
 */
extern void sql_text_from_text(struct StringInfoData *sql, const char *text, unsigned int type);

/* PostgreSQL's category of a type (TYPCATEGORY_NUMERIC ...), or of what a domain is over. */
extern char sql_text_category(unsigned int type);

/* Append `left = right`, by the type's own operator where both are of one type. */
extern void sql_text_equal(struct StringInfoData *sql, const char *left, unsigned int left_type,
						   const char *right, unsigned int right_type);

/*
 * The expression, which has its own collation, in the wanted one; palloc'd.  Where the collations of
 * two values differ, PostgreSQL has to be told by which to compare them: one whose index can be used.
 */
extern char *sql_text_collated(const char *expression, unsigned int own, unsigned int wanted);

/*
 * Append `left operator right`, each operand cast to its type where the operator needs it.
 * Operands of a polymorphic operator are taken as they are: a cast to anyarray, which PostgreSQL
 * would print, loses the element type of one with a length.
 */
extern void sql_text_clause(struct StringInfoData *sql, const char *left, unsigned int left_type,
							unsigned int operator, const char * right, unsigned int right_type);

#endif /* PG_GRAY_POSTGRES_SQL_TEXT_H */
