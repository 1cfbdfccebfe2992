/*
 * expression.h: checks and rewrites SQL that computes a column's value from a row of another table
 */
#ifndef PG_GRAY_POSTGRES_EXPRESSION_H
#define PG_GRAY_POSTGRES_EXPRESSION_H

#include <stdint.h>

struct Node;

/*
 * Raise when an expression is wrong: it must be one scalar expression over columns of `relation`,
 * be assignable to the type, and give the same value for the same row each time.  Functions that
 * can be computed without the row are called: the caller acts as the role as which moves run.
 */
extern void expression_check(const char *text, unsigned int relation, unsigned int type,
							 int32_t typmod);

/*
 * Return the same expression over row `alias` of `relation`: each column has the alias before it,
 * and every other name is written as the present search_path needs it.  Palloc'd.  Raises when the
 * expression can't be read any more.
 */
extern char *expression_qualified(const char *text, unsigned int relation, const char *alias);

/*
 * Return the expression tree, palloc'd; the table's columns are Vars of range table entry 1.  Raises
 * as expression_qualified does.
 */
extern struct Node *expression_tree(const char *text, unsigned int relation);

/* Return the text so that it can stand in parentheses: a comment at its end is closed. */
extern char *expression_closed(const char *text);

#endif /* PG_GRAY_POSTGRES_EXPRESSION_H */
