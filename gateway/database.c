/*
 * database.c: a database connection that never blocks the loop
 */
#include "database.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "memory.h"

/*
 * For moves, and for connections that are silent for hours.  A statement of its own, and no
 * options: poolers refuse those.
 */
static const char session_sql[] =
	"SELECT pg_catalog.set_config('default_transaction_isolation', 'read committed', false),"
	" pg_catalog.set_config('default_transaction_read_only', 'off', false),"
	" pg_catalog.set_config('default_transaction_deferrable', 'off', false),"
	" pg_catalog.set_config('statement_timeout', '0', false),"
	" pg_catalog.set_config('idle_session_timeout', '0', false)";

struct Database
{
	struct event_base	   *base;
	const char			   *conninfo;
	const DatabaseHandlers *handlers;
	void				   *owner;
	PGconn				   *connection; /* NULL: closed */
	int						fd;			/* what the events are about; -1: no events */
	bool					opened;
	bool					busy;		/* a query is running */
	bool					setting_up; /* it is the first one, and ours */
	bool					one_shot;	/* events are those of opening */
	struct event			read_event;
	struct event			write_event;
	struct event			failed_event; /* to say lost from the loop */
};

static void on_socket(evutil_socket_t fd, short what, void *context);
static void on_failed(evutil_socket_t fd, short what, void *context);

Database *
database_new(struct event_base *base, const char *conninfo, const DatabaseHandlers *handlers,
			 void *owner)
{
	Database *database = memory_zeroed(sizeof(*database));

	database->base = base;
	database->conninfo = conninfo;
	database->handlers = handlers;
	database->owner = owner;
	database->fd = -1;
	event_assign(&database->failed_event, base, -1, 0, on_failed, database);
	return database;
}

static void
remove_events(Database *database)
{
	if (database->fd < 0)
		return;
	event_del(&database->read_event);
	event_del(&database->write_event);
	database->fd = -1;
}

void
database_close(Database *database)
{
	event_del(&database->failed_event);
	remove_events(database);
	if (database->connection != NULL)
		PQfinish(database->connection);
	database->connection = NULL;
	database->opened = false;
	database->busy = false;
	database->setting_up = false;
}

void
database_finish(Database *database, int most_ms)
{
	struct pollfd socket = {.fd = database->fd, .events = POLLIN};

	if (database->connection != NULL && database->fd >= 0)
		poll(&socket, 1, most_ms);
}

void
database_free(Database *database)
{
	database_close(database);
	free(database);
}

static void
fail_later(Database *database)
{
	remove_events(database);
	event_active(&database->failed_event, EV_TIMEOUT, 0);
}

/* What libpq says, in one line. */
static void
lose(Database *database)
{
	char		problem[512];
	const char *message = database->connection != NULL ? PQerrorMessage(database->connection) : "";
	size_t		length = strlen(message);

	while (length > 0 && message[length - 1] == '\n')
		length--;
	snprintf(problem, sizeof(problem), "%.*s", (int) (length < 500 ? length : 500), message);
	for (char *byte = problem; *byte != '\0'; byte++)
	{
		if (*byte == '\n' || *byte == '\t')
			*byte = ' ';
	}
	if (*problem == '\0')
		snprintf(problem, sizeof(problem), "connection lost");
	database_close(database);
	database->handlers->lost(database->owner, problem);
}

static void
on_failed(evutil_socket_t fd, short what, void *context)
{
	(void) fd;
	(void) what;
	lose(context);
}

/* libpq may go from one socket to the next while it connects. */
static void
watch_socket(Database *database, short what)
{
	remove_events(database);
	database->fd = PQsocket(database->connection);
	if (database->fd < 0)
	{
		fail_later(database);
		return;
	}
	event_assign(&database->read_event, database->base, database->fd, EV_READ | EV_PERSIST,
				 on_socket, database);
	event_assign(&database->write_event, database->base, database->fd, EV_WRITE | EV_PERSIST,
				 on_socket, database);
	if (what & EV_READ)
		event_add(&database->read_event, NULL);
	if (what & EV_WRITE)
		event_add(&database->write_event, NULL);
}

/* What is less than a warning may be of functions of the application: nobody needs it here. */
static void
take_notice(void *context, const PGresult *notice)
{
	Database   *database = context;
	const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
	const char *message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);

	if (severity == NULL || message == NULL || strcmp(severity, "WARNING") != 0)
		return;
	if (database->handlers->warned != NULL)
		database->handlers->warned(database->owner, message);
	else
		log_info("database: warning: %s", message);
}

/*
 * What the configuration says comes later in the list and wins, but for the encoding.  The first
 * is for who blocks.
 */
static const char *const keywords[] = {"connect_timeout",
									   "fallback_application_name",
									   "keepalives_idle",
									   "keepalives_interval",
									   "keepalives_count",
									   "tcp_user_timeout",
									   "dbname",
									   "client_encoding",
									   NULL};

#define VALUES(conninfo) \
	{ \
		"10", "gray-gateway", "10", "5", "3", "20000", (conninfo), "UTF8", NULL \
	}

PGconn *
database_connect(const char *conninfo)
{
	const char *const values[] = VALUES(conninfo);
	PGconn			 *connection = PQconnectdbParams(keywords, values, 1);

	if (connection == NULL)
		abort(); /* out of memory */
	if (PQstatus(connection) == CONNECTION_OK)
		PQclear(PQexec(connection, session_sql));
	return connection;
}

void
database_open(Database *database)
{
	const char *const values[] = VALUES(database->conninfo);

	database_close(database);
	database->connection = PQconnectStartParams(keywords + 1, values + 1, 1);
	if (database->connection == NULL)
		abort(); /* out of memory */
	if (PQstatus(database->connection) == CONNECTION_BAD)
	{
		fail_later(database);
		return;
	}
	PQsetNoticeReceiver(database->connection, take_notice, database);
	watch_socket(database, EV_WRITE);
}

static void
go_on_opening(Database *database)
{
	switch (PQconnectPoll(database->connection))
	{
		case PGRES_POLLING_READING:
			watch_socket(database, EV_READ);
			break;
		case PGRES_POLLING_WRITING:
			watch_socket(database, EV_WRITE);
			break;
		case PGRES_POLLING_OK:
			PQsetnonblocking(database->connection, 1);
			database->opened = true;
			watch_socket(database, EV_READ);
			database->setting_up = true;
			database_send(database, session_sql, 0, NULL, false);
			break;
		default:
			lose(database);
			break;
	}
}

/* Sends what libpq has kept; false when the connection is lost. */
static bool
flush(Database *database)
{
	int left = PQflush(database->connection);

	if (left < 0)
		return false;
	if (left > 0)
		event_add(&database->write_event, NULL);
	else
		event_del(&database->write_event);
	return true;
}

void
database_send(Database *database, const char *sql, int count, const char *const *parameters,
			  bool by_row)
{
	if (!PQsendQueryParams(database->connection, sql, count, NULL, parameters, NULL, NULL, 0))
	{
		fail_later(database);
		return;
	}
	if (by_row)
		PQsetSingleRowMode(database->connection);
	database->busy = true;
	if (!flush(database))
		fail_later(database);
}

/* A setting that can't be made shows where it is needed. */
static void
end_setting_up(Database *database)
{
	database->setting_up = false;
	database->handlers->ready(database->owner);
}

/* Handlers may close the connection, so that is looked at after each. */
static void
take_results(Database *database)
{
	while (database->busy && !PQisBusy(database->connection))
	{
		PGresult *result = PQgetResult(database->connection);

		if (result == NULL)
		{
			database->busy = false;
			if (!database->setting_up)
				database->handlers->done(database->owner);
			else
				end_setting_up(database);
		}
		else if (database->setting_up)
			PQclear(result);
		else
		{
			database->handlers->result(database->owner, result);
			PQclear(result);
		}
	}
}

static void
take_notifications(Database *database)
{
	PGnotify *notify;

	while (database->connection != NULL && (notify = PQnotifies(database->connection)) != NULL)
	{
		if (database->handlers->notified != NULL)
			database->handlers->notified(database->owner, notify->extra);
		PQfreemem(notify);
	}
}

static void
on_socket(evutil_socket_t fd, short what, void *context)
{
	Database *database = context;

	(void) fd;
	if (!database->opened)
	{
		go_on_opening(database);
		return;
	}
	if ((what & EV_READ) && !PQconsumeInput(database->connection))
	{
		lose(database);
		return;
	}
	if (!flush(database))
	{
		lose(database);
		return;
	}
	take_results(database);
	take_notifications(database);
}

char *
database_quote_name(Database *database, const char *name)
{
	char *quoted = PQescapeIdentifier(database->connection, name, strlen(name));

	if (quoted == NULL)
		abort(); /* out of memory, or not UTF-8 from a UTF-8 connection */
	return quoted;
}

const char *
database_user(const Database *database)
{
	const char *user = database->connection != NULL ? PQuser(database->connection) : NULL;

	return user != NULL ? user : "";
}
