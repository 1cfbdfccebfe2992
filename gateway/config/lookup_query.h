/*
 * lookup_query.h: the text of uid_query, and words for what may be wrong with it
 *
 * Pure.
 */
#ifndef GATEWAY_CONFIG_LOOKUP_QUERY_H
#define GATEWAY_CONFIG_LOOKUP_QUERY_H

#include "base/buffer.h"
#include "base/span.h"

/*
 * What is sent to make it ready: settings of the session, with the time it has in ms as $1; then it
 * is prepared by this name; and explained, by which missing rights are found, and nothing is run.
 */
#define LOOKUP_SETTINGS \
	"SELECT pg_catalog.set_config('statement_timeout', $1, false)," \
	" pg_catalog.set_config('default_transaction_read_only', 'on', false)," \
	" pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', false)"
#define LOOKUP_STATEMENT "gray_gateway_uid"
#define LOOKUP_EXPLAIN "EXPLAIN EXECUTE " LOOKUP_STATEMENT " (NULL)"

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

#endif /* GATEWAY_CONFIG_LOOKUP_QUERY_H */
