/*
 * lookup_try.c: whether the database takes uid_query, for a check before the start
 */
#include "lookup_try.h"

#include <stdio.h>

#include "lookup_query.h"

/* result is consumed. */
static bool
good(PGconn *connection, PGresult *result, Buffer *problem)
{
	ExecStatusType status = PQresultStatus(result);
	const char	  *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char	  *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	bool		   fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

	if (!fine)
		lookup_query_explain(problem, sqlstate != NULL ? sqlstate : "",
							 message != NULL ? message : "no answer", PQuser(connection));
	PQclear(result);
	return fine;
}

static bool
shape_good(PGconn *connection, Buffer *problem)
{
	PGresult *result = PQdescribePrepared(connection, LOOKUP_STATEMENT);

	if (PQresultStatus(result) == PGRES_COMMAND_OK)
		lookup_query_shape(problem, PQnparams(result), PQnfields(result));
	return good(connection, result, problem) && buffer_length(problem) == 0;
}

bool
lookup_try(PGconn *connection, const char *sql, unsigned timeout_ms, Buffer *problem)
{
	char			  value[16];
	const char *const parameters[] = {value};

	snprintf(value, sizeof(value), "%u", timeout_ms);
	return good(connection,
				PQexecParams(connection, LOOKUP_SETTINGS, 1, NULL, parameters, NULL, NULL, 0),
				problem) &&
		   good(connection, PQprepare(connection, LOOKUP_STATEMENT, sql, 0, NULL), problem) &&
		   shape_good(connection, problem) &&
		   good(connection, PQexec(connection, LOOKUP_EXPLAIN), problem);
}
