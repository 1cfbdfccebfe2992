/*
 * lookup_query.h: the text of uid_query, and words for what may be wrong with it
 *
 * Pure.
 */
#ifndef LOOKUP_QUERY_H
#define LOOKUP_QUERY_H

#include "buffer.h"
#include "span.h"

/*
 * As far as that can be seen without a database: one statement that gives rows, with $1 and no
 * other parameter.  On false, problem (static) says why not.
 */
extern bool lookup_query_check(Span sql, const char **problem);

/*
 * Appends what the database said, and what helps.  role: as whom the query runs; unquoted.
 */
extern void lookup_query_explain(Buffer *out, const char *sqlstate, const char *message,
								 const char *role);

/* Appends what is wrong with a prepared query of so many parameters and columns; nothing if it is good. */
extern void lookup_query_shape(Buffer *out, int parameters, int columns);

#endif /* LOOKUP_QUERY_H */
