/*
 * wire.c: a user's rows moved over the wire, as an application server would do it
 *
 * One transaction with two round trips: the three SELECTs, pipelined; then, also
 * pipelined, one multi-row INSERT for each table, and COMMIT.  The SELECTs are prepared.  An
 * INSERT is another statement for each number of rows: few drivers keep those prepared, so
 * that is a choice.  Values stay the text that they came as.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define TABLES 3
#define MAX_SHAPES 20

/* PostgreSQL counts parameters in 16 bits. */
#define MAX_VALUES 65535

static const char *tables[TABLES] = {"users", "orders", "items"};
static const char *owned[TABLES] = {"t WHERE t.id = $1", "t WHERE t.user_id = $1",
									"t JOIN %s.orders o ON o.id = t.order_id WHERE o.user_id = $1"};
static char		   to_schema[64];
static bool		   is_prepared;

/* The numbers of rows that there is an INSERT for. */
static int shapes[TABLES][MAX_SHAPES];
static int shape_count[TABLES];

static const char *
prepare(PGconn *conn, const char *name, const char *sql)
{
	PGresult   *result = PQprepare(conn, name, sql, 0, NULL);
	const char *problem = PQresultStatus(result) == PGRES_COMMAND_OK ? NULL : PQerrorMessage(conn);

	PQclear(result);
	return problem;
}

const char *
wire_prepare(PGconn *conn, const char *from, const char *to, bool prepares_inserts)
{
	const char *problem = NULL;

	if (to_schema[0] != '\0')
		return NULL;
	snprintf(to_schema, sizeof(to_schema), "%s", to);
	is_prepared = prepares_inserts;
	for (int i = 0; i < TABLES && problem == NULL; i++)
	{
		char rest[200];
		char sql[400];

		snprintf(rest, sizeof(rest), owned[i], from);
		snprintf(sql, sizeof(sql), "SELECT t.* FROM %s.%s %s", from, tables[i], rest);
		problem = prepare(conn, tables[i], sql);
	}
	return problem;
}

/* The INSERT of so many rows; the caller frees it. */
static char *
insert_sql(int table, int rows, int columns)
{
	char *sql = malloc(200 + (size_t) rows * columns * 10);
	char *end = sql;
	int	  parameter = 0;

	if (sql == NULL)
		abort();
	end += sprintf(end, "INSERT INTO %s.%s VALUES ", to_schema, tables[table]);
	for (int row = 0; row < rows; row++)
	{
		for (int column = 0; column < columns; column++)
			end += sprintf(end, "%s$%d", column > 0 ? ", " : row > 0 ? "), (" : "(", ++parameter);
	}
	strcpy(end, ")");
	return sql;
}

/* Prepares an INSERT, unless it is.  Returns how many statements were sent. */
static int
send_prepare(PGconn *conn, const char *name, int table, int rows, const char *sql)
{
	for (int i = 0; i < shape_count[table]; i++)
	{
		if (shapes[table][i] == rows)
			return 0;
	}
	if (shape_count[table] == MAX_SHAPES)
		abort();
	shapes[table][shape_count[table]++] = rows;
	PQsendPrepare(conn, name, sql, 0, NULL);
	return 1;
}

/* Returns how many statements were sent. */
static int
send_insert(PGconn *conn, int table, const PGresult *rows)
{
	static const char *values[MAX_VALUES];
	int				   row_count = PQntuples(rows);
	int				   columns = PQnfields(rows);
	int				   count = 0;
	int				   sent = 1;
	char			   name[50];
	char			  *sql;

	if (row_count == 0)
		return 0;
	if (row_count * columns > MAX_VALUES)
		abort();
	for (int row = 0; row < row_count; row++)
	{
		for (int column = 0; column < columns; column++)
			values[count++] = PQgetisnull(rows, row, column) ? NULL : PQgetvalue(rows, row, column);
	}
	sql = insert_sql(table, row_count, columns);
	if (is_prepared)
	{
		snprintf(name, sizeof(name), "%s_%d", tables[table], row_count);
		sent += send_prepare(conn, name, table, row_count, sql);
		PQsendQueryPrepared(conn, name, count, values, NULL, NULL, 0);
	}
	else
		PQsendQueryParams(conn, sql, count, NULL, values, NULL, NULL, 0);
	free(sql);
	return sent;
}

/* The result of the next statement of the pipeline; NULL if it failed. */
static PGresult *
next_result(PGconn *conn)
{
	PGresult	  *result = PQgetResult(conn);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
	{
		PQclear(result);
		return NULL;
	}
	PQclear(PQgetResult(conn)); /* the NULL after it */
	return result;
}

static bool
next_is_good(PGconn *conn)
{
	PGresult *result = next_result(conn);
	bool	  is_good = result != NULL;

	PQclear(result);
	return is_good;
}

static bool
fetch_rows(PGconn *conn, const char *uid, PGresult **rows)
{
	bool is_good;

	PQsendQueryParams(conn, "BEGIN", 0, NULL, NULL, NULL, NULL, 0);
	for (int i = 0; i < TABLES; i++)
		PQsendQueryPrepared(conn, tables[i], 1, &uid, NULL, NULL, 0);
	PQsendFlushRequest(conn);
	PQflush(conn);
	is_good = next_is_good(conn);
	for (int i = 0; i < TABLES && is_good; i++)
		is_good = (rows[i] = next_result(conn)) != NULL;
	return is_good;
}

static bool
insert_rows(PGconn *conn, PGresult **rows)
{
	int	 sent = 0;
	bool is_good = true;

	for (int i = 0; i < TABLES; i++)
		sent += send_insert(conn, i, rows[i]);
	PQsendQueryParams(conn, "COMMIT", 0, NULL, NULL, NULL, NULL, 0);
	PQpipelineSync(conn);
	for (int i = 0; i < sent + 1 && is_good; i++)
		is_good = next_is_good(conn);
	if (is_good)
		PQclear(PQgetResult(conn)); /* of the sync */
	return is_good;
}

const char *
wire_move(PGconn *conn, const char *uid)
{
	PGresult *rows[TABLES] = {NULL, NULL, NULL};
	bool	  is_good = PQenterPipelineMode(conn) == 1 && fetch_rows(conn, uid, rows) &&
				   insert_rows(conn, rows) && PQexitPipelineMode(conn) == 1;

	for (int i = 0; i < TABLES; i++)
		PQclear(rows[i]);
	return is_good ? NULL : PQerrorMessage(conn);
}
