/*
 * database.c: a database connection that never blocks the loop
 */
#include "database/database.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "database/dial.h"

#define PROBLEM_BYTES 600
/*
 * The settings for moves, and for connections that are silent for hours. They are made by a
 * statement of their own and not by the option "options", which poolers refuse.
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
	Dial				   *dial;	/* not NULL while the connection is being opened */
	char				   *server; /* owned: where it is open, or was last; NULL: nowhere yet */
	PGconn				   *connection; /* NULL: closed */
	int						fd;			/* the socket of the events; -1: no events */
	bool					opened;
	bool					busy;		/* a query is running */
	char				   *refusal;	/* owned: why the server is the wrong one; or NULL */
	unsigned				answer_ms;	/* how long a query may be silent; 0: for ever */
	bool					setting_up; /* the running query is session_sql */
	struct event			read_event;
	struct event			write_event;
	struct event			failed_event; /* calls the handler lost from the loop */
	struct event			limit_event;  /* limits an attempt, or the silence during a query */
};

static void on_socket(evutil_socket_t fd, short what, void *context);
static void on_failed(evutil_socket_t fd, short what, void *context);
static void on_limit(evutil_socket_t fd, short what, void *context);

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
	event_assign(&database->limit_event, base, -1, 0, on_limit, database);
	return database;
}

void
database_limit(Database *database, unsigned answer_ms)
{
	database->answer_ms = answer_ms;
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

static void
hang_up(Database *database)
{
	event_del(&database->limit_event);
	remove_events(database);
	PQfinish(database->connection);
	database->connection = NULL;
}

void
database_close(Database *database)
{
	event_del(&database->failed_event);
	hang_up(database);
	dial_free(database->dial);
	database->dial = NULL;
	database->opened = false;
	database->busy = false;
	free(database->refusal);
	database->refusal = NULL;
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
	free(database->server);
	free(database);
}

static void
fail_later(Database *database)
{
	remove_events(database);
	event_active(&database->failed_event, EV_TIMEOUT, 0);
}

/* Write libpq's message in one line. */
static void
put_message(char *problem, size_t size, const char *message)
{
	size_t length = strlen(message);

	while (length > 0 && message[length - 1] == '\n')
		length--;
	snprintf(problem, size, "%.*s", (int) (length < size ? length : size - 1), message);
	for (char *byte = problem; *byte != '\0'; byte++)
	{
		if (*byte == '\n' || *byte == '\t')
			*byte = ' ';
	}
	if (*problem == '\0')
		snprintf(problem, size, "connection lost");
}

/* problem belongs to the caller. */
static void
lose_by(Database *database, const char *problem)
{
	database_close(database);
	database->handlers->lost(database->owner, problem);
}

static void
lose(Database *database)
{
	char problem[PROBLEM_BYTES];

	if (database->refusal != NULL)
		put_message(problem, sizeof(problem), database->refusal);
	else if (database->dial != NULL)
		put_message(problem, sizeof(problem), dial_problem(database->dial));
	else
		put_message(problem, sizeof(problem), PQerrorMessage(database->connection));
	lose_by(database, problem);
}

static void
on_failed(evutil_socket_t fd, short what, void *context)
{
	(void) fd;
	(void) what;
	lose(context);
}

/* libpq may change to another socket while it connects. */
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

/*
 * Drop messages below a warning: functions of the application may send them, and nobody needs them
 * here.
 */
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

static void
limit(Database *database, unsigned ms)
{
	struct timeval delay = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t) (ms % 1000) * 1000};

	event_add(&database->limit_event, &delay);
}

/* Begin the next attempt that is not refused at once. */
static void
dial_on(Database *database)
{
	char problem[PROBLEM_BYTES];

	while ((database->connection = dial_next(database->dial, database->conninfo)) != NULL)
	{
		if (PQstatus(database->connection) != CONNECTION_BAD)
		{
			PQsetNoticeReceiver(database->connection, take_notice, database);
			limit(database, dial_limit_ms(database->dial));
			watch_socket(database, EV_WRITE);
			return;
		}
		put_message(problem, sizeof(problem), PQerrorMessage(database->connection));
		dial_failed(database->dial, problem);
		hang_up(database);
	}
	fail_later(database);
}

/*
 * A later option in the list wins. So the configuration (dbname) wins over all options but the
 * encoding. connect_timeout is for connections that block.
 */
static const char *const keywords[] = {"connect_timeout",	   "fallback_application_name",
									   "keepalives_idle",	   "keepalives_interval",
									   "keepalives_count",	   "tcp_user_timeout",
									   "target_session_attrs", "dbname",
									   "client_encoding",	   NULL};

#define VALUES(conninfo) \
	{ \
		"10", "gray-gateway", "10", "5", "3", "20000", "primary", (conninfo), "UTF8", NULL \
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
	database_close(database);
	database->dial = dial_new(database->conninfo);
	dial_on(database);
}

static void
fail_attempt(Database *database, const char *problem)
{
	dial_failed(database->dial, problem);
	hang_up(database);
	dial_on(database);
}

static void
on_opened(Database *database)
{
	unsigned limit_ms;

	event_del(&database->limit_event);
	PQsetnonblocking(database->connection, 1);
	dial_answered(database->dial);
	free(database->server);
	database->server = memory_text(dial_where(database->dial), strlen(dial_where(database->dial)));
	limit_ms = dial_limit_ms(database->dial);
	dial_free(database->dial);
	database->dial = NULL;
	database->opened = true;
	watch_socket(database, EV_READ);
	database->setting_up = true;
	database_send(database, session_sql, 0, NULL, false);
	limit(database, limit_ms);
}

static void
go_on_opening(Database *database)
{
	char problem[PROBLEM_BYTES];

	switch (PQconnectPoll(database->connection))
	{
		case PGRES_POLLING_READING:
			watch_socket(database, EV_READ);
			break;
		case PGRES_POLLING_WRITING:
			watch_socket(database, EV_WRITE);
			break;
		case PGRES_POLLING_OK:
			on_opened(database);
			break;
		default:
			put_message(problem, sizeof(problem), PQerrorMessage(database->connection));
			fail_attempt(database, problem);
			break;
	}
}

static void
on_limit(evutil_socket_t fd, short what, void *context)
{
	Database *database = context;
	char	  problem[PROBLEM_BYTES];

	(void) fd;
	(void) what;
	if (database->dial == NULL)
	{
		lose_by(database, "the database did not answer in time");
		return;
	}
	snprintf(problem, sizeof(problem), "%s did not answer in time", dial_where(database->dial));
	fail_attempt(database, problem);
}

/* Send the bytes that libpq has kept. False if the connection is lost. */
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

/* Go on after libpq has accepted a query, or has failed to. */
static void
sent(Database *database, int taken, bool by_row)
{
	if (!taken)
	{
		fail_later(database);
		return;
	}
	if (by_row)
		PQsetSingleRowMode(database->connection);
	database->busy = true;
	if (database->answer_ms > 0)
		limit(database, database->answer_ms);
	if (!flush(database))
		fail_later(database);
}

void
database_send(Database *database, const char *sql, int count, const char *const *parameters,
			  bool by_row)
{
	sent(database,
		 PQsendQueryParams(database->connection, sql, count, NULL, parameters, NULL, NULL, 0),
		 by_row);
}

void
database_prepare(Database *database, const char *name, const char *sql)
{
	sent(database, PQsendPrepare(database->connection, name, sql, 0, NULL), false);
}

void
database_describe(Database *database, const char *name)
{
	sent(database, PQsendDescribePrepared(database->connection, name), false);
}

void
database_execute(Database *database, const char *name, int count, const char *const *parameters)
{
	sent(database,
		 PQsendQueryPrepared(database->connection, name, count, parameters, NULL, NULL, 0), true);
}

/*
 * Does the server say that it is a standby (again), is read-only for another reason, or shuts
 * down? Then there may be a better server by now.
 */
static bool
is_refusal(const PGresult *result)
{
	static const char *const states[] = {"25006", "57P01", "57P02", "57P03", "57P05"};
	const char				*state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	for (size_t i = 0; state != NULL && i < sizeof(states) / sizeof(states[0]); i++)
	{
		if (strcmp(state, states[i]) == 0)
			return true;
	}
	return false;
}

static char *
copy_message(const PGresult *result)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	message = message != NULL ? message : "the server refuses";
	return memory_text(message, strlen(message));
}

/*
 * A setting that could not be made is no error here: the error shows where the setting is needed.
 */
static void
end_setting_up(Database *database)
{
	database->setting_up = false;
	database->handlers->ready(database->owner);
}

static void
end_query(Database *database)
{
	database->busy = false;
	event_del(&database->limit_event);
	if (database->refusal != NULL)
		fail_later(database);
	else if (database->setting_up)
		end_setting_up(database);
	else
		database->handlers->done(database->owner);
}

/* A handler may close the connection, so the loop checks that after each handler. */
static void
take_results(Database *database)
{
	while (database->busy && !PQisBusy(database->connection))
	{
		PGresult *result = PQgetResult(database->connection);

		if (result == NULL)
		{
			end_query(database);
			continue;
		}
		if (database->setting_up)
		{
			PQclear(result);
			continue;
		}
		if (!is_refusal(result))
			database->handlers->result(database->owner, result);
		else if (database->refusal == NULL)
			database->refusal = copy_message(result);
		PQclear(result);
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
	if (database->busy && database->answer_ms > 0)
		limit(database, database->answer_ms);
	take_results(database);
	take_notifications(database);
}

const char *
database_server(const Database *database)
{
	return database->server != NULL ? database->server : "";
}

bool
database_deserted(const Database *database)
{
	return database->opened && !dial_is_last(database->server);
}

int
database_version(const Database *database)
{
	return PQserverVersion(database->connection);
}

char *
database_quote_name(Database *database, const char *name)
{
	char *quoted = PQescapeIdentifier(database->connection, name, strlen(name));

	if (quoted == NULL)
		abort(); /* out of memory, or the name is not UTF-8 in a UTF-8 connection */
	return quoted;
}

const char *
database_user(const Database *database)
{
	const char *user = database->connection != NULL ? PQuser(database->connection) : NULL;

	return user != NULL ? user : "";
}
