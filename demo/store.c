/*
 * store.c: the shop's database connection, one transaction per request
 */
#include "store.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_OID 25

struct Store
{
	const char *conninfo;
	const char *search_path;
	bool		strict;
	PGconn	   *conn;
};

/* SQLSTATEs, by prefix, that are not plain failures; the first match counts. */
static const struct
{
	const char *prefix;
	StoreResult result;
} results_by_sqlstate[] = {
	{"GR001", STORE_WRONG_SIDE},  {"22", STORE_BAD_VALUE},	 {"23", STORE_CONFLICT},
	{"08", STORE_UNAVAILABLE},	  {"40", STORE_UNAVAILABLE}, {"53", STORE_UNAVAILABLE},
	{"55P03", STORE_UNAVAILABLE}, {"57", STORE_UNAVAILABLE},
};

static const char where_sql[] =
	"SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
	" WHERE c.oid = to_regclass('orders')";

static StoreResult run_steps(Store *store, const StoreRequest *request, StoreAnswer *answer);
static StoreResult run_sql(Store *store, const char *sql, const StoreRequest *request,
						   PGresult **rows, StoreAnswer *answer);
static bool		   ensure_connection(Store *store, StoreAnswer *answer);
static void		   set_error(StoreAnswer *answer, const char *sqlstate, const char *message);

Store *
store_create(const char *conninfo, const char *search_path, bool strict)
{
	Store *store = calloc(1, sizeof(Store));

	if (store == NULL)
		abort();
	store->conninfo = conninfo;
	store->search_path = search_path;
	store->strict = strict;
	return store;
}

StoreResult
store_run(Store *store, const StoreRequest *request, StoreAnswer *answer)
{
	static const StoreRequest nothing = {0};
	StoreResult				  result;
	PGresult				 *rows;

	memset(answer, 0, sizeof(*answer));
	do
	{
		/* Of a connection that broke while it was idle we hear only now: again. */
		bool is_new = store->conn == NULL;

		if (!ensure_connection(store, answer))
			return STORE_UNAVAILABLE;
		result = run_sql(store, "BEGIN", &nothing, &rows, answer);
		if (result == STORE_OK || is_new)
			break;
	} while (PQstatus(store->conn) != CONNECTION_OK);

	if (result == STORE_OK)
		result = run_steps(store, request, answer);
	if (result == STORE_OK)
		result = run_sql(store, "COMMIT", &nothing, &rows, answer);

	/* A lost connection has rolled back by itself. */
	if (result != STORE_OK && PQstatus(store->conn) == CONNECTION_OK)
		PQclear(PQexec(store->conn, "ROLLBACK"));
	return result;
}

static StoreResult
run_steps(Store *store, const StoreRequest *request, StoreAnswer *answer)
{
	StoreRequest step = *request;
	StoreResult	 result = STORE_OK;
	PGresult	*rows;
	PGresult	*id_rows = NULL; /* owns step.id once a step has set it */

	if (store->strict && request->uid != NULL)
		result = run_sql(store, "SELECT gray_enter($1)", request, &rows, answer);
	if (result == STORE_OK)
		result = run_sql(store, where_sql, request, &rows, answer);
	if (result == STORE_OK)
	{
		answer->schema = strdup(PQgetvalue(rows, 0, 0));
		PQclear(rows);
	}

	for (int i = 0; result == STORE_OK && request->steps[i] != NULL; i++)
	{
		result = run_sql(store, request->steps[i], &step, &rows, answer);
		if (result != STORE_OK || rows == NULL)
			continue;
		if (strcmp(PQfname(rows, 0), "id") == 0)
		{
			PQclear(id_rows);
			id_rows = rows;
			step.id = PQgetvalue(rows, 0, 0);
			continue;
		}
		free(answer->json);
		answer->json = strdup(PQgetvalue(rows, 0, 0));
		PQclear(rows);
	}
	PQclear(id_rows);
	return result;
}

/*
 * *rows: owned by the caller, with at least one row; NULL when the statement
 * returns none by its nature, or failed.
 */
static StoreResult
run_sql(Store *store, const char *sql, const StoreRequest *request, PGresult **rows,
		StoreAnswer *answer)
{
	const Oid	   types[] = {TEXT_OID, TEXT_OID, TEXT_OID};
	const char	  *values[] = {request->uid, request->id, request->body};
	PGresult	  *result = PQexecParams(store->conn, sql, 3, types, values, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);
	const char	  *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	StoreResult	   answered = STORE_FAILED;

	*rows = NULL;
	if (status == PGRES_TUPLES_OK && PQntuples(result) > 0)
	{
		*rows = result;
		return STORE_OK;
	}
	if (status == PGRES_COMMAND_OK)
		answered = STORE_OK;
	else if (status == PGRES_TUPLES_OK)
	{
		answered = STORE_NOT_FOUND;
		set_error(answer, "", "not found");
	}
	else if (sqlstate == NULL || PQstatus(store->conn) != CONNECTION_OK)
	{
		answered = STORE_UNAVAILABLE;
		set_error(answer, "08006", PQerrorMessage(store->conn));
	}
	else
	{
		for (size_t i = 0; i < sizeof(results_by_sqlstate) / sizeof(results_by_sqlstate[0]); i++)
			if (answered == STORE_FAILED && strncmp(sqlstate, results_by_sqlstate[i].prefix,
													strlen(results_by_sqlstate[i].prefix)) == 0)
				answered = results_by_sqlstate[i].result;
		set_error(answer, sqlstate, PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	}
	PQclear(result);
	return answered;
}

static bool
ensure_connection(Store *store, StoreAnswer *answer)
{
	const char *values[] = {store->search_path};
	PGresult   *result;

	if (store->conn != NULL && PQstatus(store->conn) == CONNECTION_OK)
		return true;
	PQfinish(store->conn);
	store->conn = PQconnectdb(store->conninfo);
	if (PQstatus(store->conn) == CONNECTION_OK)
	{
		result = PQexecParams(store->conn, "SELECT set_config('search_path', $1, false)", 1, NULL,
							  values, NULL, NULL, 0);
		PQclear(result);
		if (PQstatus(store->conn) == CONNECTION_OK)
			return true;
	}
	set_error(answer, "08001", PQerrorMessage(store->conn));
	return false;
}

static void
set_error(StoreAnswer *answer, const char *sqlstate, const char *message)
{
	size_t size = strlen(sqlstate) + strlen(message) + 2;

	free(answer->error);
	answer->error = malloc(size);
	if (answer->error == NULL)
		abort();
	snprintf(answer->error, size, "%s%s%s", sqlstate, *sqlstate ? " " : "", message);
}
