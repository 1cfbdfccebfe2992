/*
 * expression.h: SQL that computes a column's value from a row of another table
 */
#ifndef PG_GRAY_POSTGRES_EXPRESSION_H
#define PG_GRAY_POSTGRES_EXPRESSION_H

#include <stdint.h>

/*
 * Raise what is wrong with an expression: it must be one scalar expression over
 * columns of `relation`, be assignable to the type, and give the same value for the
 * same row each time.  Functions that it can do without the row are called: act as the
 * role that moves run as.
 */
extern void expression_check(const char *text, unsigned int relation, unsigned int type,
							 int32_t typmod);

/*
 * The same expression over row `alias` of `relation`: each column with the alias before
 * it, every other name as it has to be under the present search_path.  Palloc'd.
 * Raises when it can't be read any more.
 */
extern char *expression_qualified(const char *text, unsigned int relation, const char *alias);

/*
 * The text such that it can stand in parentheses: a comment at its end ends there.
 */
extern char *expression_closed(const char *text);

#endif /* PG_GRAY_POSTGRES_EXPRESSION_H */
