/*
 * connect_check.c: checks whether the database has all that the gateway needs
 *
 * The check does the steps of the gateway's start, in the same order: connect, rights, release,
 * notifications.
 */
#include "database/connect_check.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "config/lookup_query.h"
#include "database/database.h"
#include "database/ping.h"
#include "database/rights.h"

#define TEXT_BYTES 1024
#define NOTIFY_MOST_MS 5000

typedef struct Check
{
	const Settings *settings;
	void (*tell)(const char *text);
	bool good;
} Check;

static void
complain(Check *check, const char *text)
{
	check->good = false;
	check->tell(text);
}

/* Report the message of libpq in one line. It has no password. */
static void
complain_of_libpq(Check *check, const char *what, const char *message)
{
	char   text[TEXT_BYTES];
	size_t length;

	snprintf(text, sizeof(text), "%s%s", what, message);
	length = strlen(text);
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	for (char *byte = text; *byte != '\0'; byte++)
	{
		if (*byte == '\n' || *byte == '\t')
			*byte = ' ';
	}
	complain(check, text);
}

static PGconn *
open_connection(Check *check)
{
	PGconn *connection = database_connect(check->settings->database);

	if (PQstatus(connection) == CONNECTION_OK)
	{
		PQclear(PQexec(connection, "SET statement_timeout = '10s'"));
		return connection;
	}
	complain_of_libpq(check, "cannot connect: ", PQerrorMessage(connection));
	PQfinish(connection);
	return NULL;
}

/* Return the rows; the caller clears them. NULL if the query failed, which was reported. */
static PGresult *
query(Check *check, PGconn *connection, const char *sql, int count, const char *const *parameters)
{
	PGresult	  *result = PQexecParams(connection, sql, count, NULL, parameters, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
		return result;
	complain_of_libpq(check, "", PQresultErrorMessage(result));
	PQclear(result);
	return NULL;
}

static void
tell_right(void *context, RightsWeight weight, const char *text)
{
	(void) weight;
	complain(context, text);
}

/* May the role read releases? */
static bool
check_rights(Check *check, PGconn *connection)
{
	char	 *sql = rights_sql();
	PGresult *result = query(check, connection, sql, 0, NULL);
	Rights	  rights = {0};

	free(sql);
	if (result == NULL)
		return false;
	if (rights_take(result, &rights))
		rights_tell(&rights, tell_right, check);
	else
		complain(check, "what its role may is not understood");
	PQclear(result);
	return rights.schema != NULL && rights.releases == RIGHT_GIVEN;
}

static void
check_type(Check *check, const char *type)
{
	char text[TEXT_BYTES];

	if (*type == '\0' || uid_type_parse(span_of(type), 0) != UID_UNKNOWN)
		return;
	snprintf(text, sizeof(text), "release %s: the uid type %s is not supported",
			 check->settings->release, type);
	complain(check, text);
}

/*
 * Check the release. The query returns one row: all releases, and the uid type of this release.
 * The uid type is NULL if there is no such release.
 */
static void
check_release(Check *check, PGconn *connection)
{
	static const char sql[] =
		"SELECT pg_catalog.string_agg(r.release::pg_catalog.text, ', ' ORDER BY r.release),"
		" pg_catalog.max(coalesce(r.uid_type, '')) FILTER"
		" (WHERE r.release OPERATOR(pg_catalog.=) $1::pg_catalog.name) FROM gray.release r";
	const char *parameters[] = {check->settings->release};
	PGresult   *result = query(check, connection, sql, 1, parameters);
	char		text[TEXT_BYTES];

	if (result == NULL)
		return;
	if (!PQgetisnull(result, 0, 1))
		check_type(check, PQgetvalue(result, 0, 1));
	else
	{
		snprintf(text, sizeof(text),
				 "release %s does not exist, %s%s; name another one in release, or type:"
				 " SELECT gray_create_release('%s');",
				 check->settings->release,
				 PQgetisnull(result, 0, 0) ? "nor does any other" : "but there is ",
				 PQgetvalue(result, 0, 0), check->settings->release);
		complain(check, text);
	}
	PQclear(result);
}

/* Notify from another connection (see ping.h). */
static bool
send_token(Check *check, const char *token)
{
	const char *parameters[] = {token};
	PGconn	   *connection = open_connection(check);
	PGresult   *result;

	if (connection == NULL)
		return false;
	result = query(check, connection, "SELECT pg_catalog.pg_notify('" PING_CHANNEL "', $1)", 1,
				   parameters);
	PQclear(result);
	PQfinish(connection);
	return result != NULL;
}

static bool
has_token(PGconn *connection, const char *token)
{
	PGnotify *notify;
	bool	  found = false;

	while ((notify = PQnotifies(connection)) != NULL)
	{
		found = found || strcmp(notify->extra, token) == 0;
		PQfreemem(notify);
	}
	return found;
}

static bool
hears(PGconn *connection, const char *token)
{
	uint64_t deadline_ms = clock_now_ms() + NOTIFY_MOST_MS;

	while (!has_token(connection, token))
	{
		struct pollfd waiting = {.fd = PQsocket(connection), .events = POLLIN};
		uint64_t	  now_ms = clock_now_ms();

		if (now_ms >= deadline_ms || poll(&waiting, 1, (int) (deadline_ms - now_ms)) < 0 ||
			!PQconsumeInput(connection))
			return false;
	}
	return true;
}

static void
check_notifications(Check *check, PGconn *connection)
{
	char	  token[64];
	PGresult *result = query(check, connection, "LISTEN " PING_CHANNEL, 0, NULL);

	if (result == NULL)
		return;
	PQclear(result);
	/* This token need not be secret. */
	snprintf(token, sizeof(token), "%s check %ld", check->settings->release, (long) getpid());
	if (send_token(check, token) && !hears(connection, token))
		complain(check, PING_UNHEARD_TEXT);
}

/* Return whether the result is good. result is consumed. */
static bool
take_well(PGconn *connection, PGresult *result, Buffer *problem)
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
	return take_well(connection, result, problem) && buffer_length(problem) == 0;
}

/*
 * Prepare and explain the query as a worker does, but do not run it. The session has other
 * settings afterwards. On false, the error is appended to problem.
 */
static bool
try_lookup(PGconn *connection, const char *sql, unsigned timeout_ms, Buffer *problem)
{
	char			  value[16];
	const char *const parameters[] = {value};

	snprintf(value, sizeof(value), "%u", timeout_ms);
	return take_well(connection,
					 PQexecParams(connection, LOOKUP_SETTINGS, 1, NULL, parameters, NULL, NULL, 0),
					 problem) &&
		   take_well(connection, PQprepare(connection, LOOKUP_STATEMENT, sql, 0, NULL), problem) &&
		   shape_good(connection, problem) &&
		   take_well(connection, PQexec(connection, LOOKUP_EXPLAIN), problem);
}

/* This check comes last, because it leaves the session with other settings. */
static void
check_query(Check *check, PGconn *connection)
{
	const Settings *settings = check->settings;
	Buffer			problem = {0};

	if (*settings->uid_query == '\0')
		return;
	if (!try_lookup(connection, settings->uid_query, settings->uid_query_timeout_ms, &problem))
	{
		buffer_append(&problem, "", 1);
		complain_of_libpq(check, "uid_query: ", buffer_first(&problem));
	}
	buffer_free(&problem);
}

bool
connect_check(const Settings *settings, void (*tell)(const char *text))
{
	Check	check = {.settings = settings, .tell = tell, .good = true};
	PGconn *connection = open_connection(&check);

	if (connection == NULL)
		return false;
	if (check_rights(&check, connection))
		check_release(&check, connection);
	check_notifications(&check, connection);
	check_query(&check, connection);
	PQfinish(connection);
	return check.good;
}
