/*
 * lookup_query.h: checks the text of uid_query, and explains errors of the query
 *
 * Pure.
 */
#ifndef GATEWAY_CONFIG_LOOKUP_QUERY_H
#define GATEWAY_CONFIG_LOOKUP_QUERY_H

#include "base/buffer.h"
#include "base/span.h"

/*
 * The statements that make the query ready. The first makes settings of the session; $1 is the
 * time limit of the query in ms. The query is then prepared by the name LOOKUP_STATEMENT. At last
 * it is explained: this finds missing rights, and runs nothing.
 */
#define LOOKUP_SETTINGS \
	"SELECT pg_catalog.set_config('statement_timeout', $1, false)," \
	" pg_catalog.set_config('default_transaction_read_only', 'on', false)," \
	" pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', false)"
#define LOOKUP_STATEMENT "gray_gateway_uid"
#define LOOKUP_EXPLAIN "EXPLAIN EXECUTE " LOOKUP_STATEMENT " (NULL)"

/*
 * Check the query as far as possible without a database: it has to be one statement that returns
 * rows, with $1 and no other parameter. On false, problem (static) says why not.
 */
extern bool lookup_query_check(Span sql, const char **problem);

/* Append the database's message, and the remedy. role is the role that runs the query, unquoted. */
extern void lookup_query_explain(Buffer *out, const char *sqlstate, const char *message,
								 const char *role);

/*
 * Append the problem of a prepared query with that many parameters and columns. Append nothing if
 * the query is good.
 */
extern void lookup_query_shape(Buffer *out, int parameters, int columns);

#endif /* GATEWAY_CONFIG_LOOKUP_QUERY_H */
