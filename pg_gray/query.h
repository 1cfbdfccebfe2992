/*
 * query.h: one SQL statement with parameters, through SPI
 *
 * The caller has called SPI_connect.  Every statement takes its own snapshot,
 * so that it sees what was committed before a lock was granted.
 */
#ifndef QUERY_H
#define QUERY_H

#include <stdbool.h>
#include <stdint.h>

struct List;

#define QUERY_MAX_ARGS 20

typedef struct QueryArgs
{
	int			 count;
	unsigned int types[QUERY_MAX_ARGS];
	uintptr_t	 values[QUERY_MAX_ARGS]; /* Datum */
	char		 nulls[QUERY_MAX_ARGS + 1];
} QueryArgs;

/* Append a parameter; a null text is SQL NULL. */
extern void query_arg(QueryArgs *args, unsigned int type, uintptr_t value);
extern void query_arg_text(QueryArgs *args, const char *text);
extern void query_arg_int(QueryArgs *args, int value);
extern void query_arg_oids(QueryArgs *args, const struct List *oids); /* an oid[] */

/*
 * Run a statement; args may be null.  Returns the number of rows returned or
 * changed; rows are in SPI_tuptable.  Raises what the statement raises.
 */
extern uint64_t query_run(const char *sql, QueryArgs *args);

/* Run a SELECT only for its row locks: rows are dropped as they come. */
extern void query_run_for_locks(const char *sql, QueryArgs *args);

/* A column of the last result as text, palloc'd; null for SQL NULL. */
extern char *query_text(uint64_t row, int column);
extern int	 query_int(uint64_t row, int column);
extern bool	 query_is_null(uint64_t row, int column);

#endif /* QUERY_H */
