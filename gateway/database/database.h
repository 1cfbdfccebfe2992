/*
 * database.h: a database connection that never blocks the loop
 *
 * Life: closed -> opening (host by host, dial.h) -> ready -> (query -> ready) ... -> lost, which
 * is closed again. If a server answers that it takes no writes, or that it shuts down, the
 * connection is lost instead, and the handler does not get that result. Handlers are called only
 * from the loop, never from within the functions here. They may call any of these functions,
 * except database_free.
 */
#ifndef GATEWAY_DATABASE_DATABASE_H
#define GATEWAY_DATABASE_DATABASE_H

#include <libpq-fe.h>
#include <stdbool.h>

struct event_base;

typedef struct Database Database;

typedef struct DatabaseHandlers
{
	void (*ready)(void *owner);
	/* One result of the query; borrowed. */
	void (*result)(void *owner, const PGresult *result);
	/* The query is over; the next one may be sent. */
	void (*done)(void *owner);
	/* May be NULL. */
	void (*notified)(void *owner, const char *payload);
	/* A warning that came with an answer. May be NULL: the warning is then logged unchanged. */
	void (*warned)(void *owner, const char *message);
	/* The connection could not be opened, or broke. It is closed by now. problem is borrowed. */
	void (*lost)(void *owner, const char *problem);
} DatabaseHandlers;

/* Make a closed connection, which the caller owns. handlers and owner are borrowed. */
extern Database *database_new(struct event_base *base, const char *conninfo,
							  const DatabaseHandlers *handlers, void *owner);
extern void		 database_free(Database *database);

/*
 * Set how long the server may be silent during a query before the connection is lost. 0, the value
 * at first, means for ever.
 */
extern void database_limit(Database *database, unsigned answer_ms);

/*
 * Open the connection. Each address of each host gets at most connect_timeout; after the last
 * address the connection is lost. The session gets the settings that the gateway needs, whatever
 * defaults its role has.
 */
extern void database_open(Database *database);

/*
 * Send one statement with text parameters. With by_row, each row comes as a result of its own. A
 * failure to send comes as lost.
 */
extern void database_send(Database *database, const char *sql, int count,
						  const char *const *parameters, bool by_row);

/* Prepare a statement by that name; ask for its parameters and columns; run it row by row. */
extern void database_prepare(Database *database, const char *name, const char *sql);
extern void database_describe(Database *database, const char *name);
extern void database_execute(Database *database, const char *name, int count,
							 const char *const *parameters);

/* Block until the end of the query, for at most most_ms. No handler is called. */
extern void database_finish(Database *database, int most_ms);

/* Open a blocking connection with the same settings, such as for a check. The caller owns it. */
extern PGconn *database_connect(const char *conninfo);

/* Close the connection. The handler lost is not called. */
extern void database_close(Database *database);

/* Return the role of the connection; borrowed. */
extern const char *database_user(const Database *database);

/*
 * Return the host and port of the connection, or of the last connection, for logs; borrowed. "" if
 * there was none yet.
 */
extern const char *database_server(const Database *database);

/* Was another connection opened at another server after this connection? */
extern bool database_deserted(const Database *database);
/* Return the version as PQserverVersion does. The connection is open. */
extern int database_version(const Database *database);

/* Quote a name as PQescapeIdentifier does. The caller frees it with PQfreemem. */
extern char *database_quote_name(Database *database, const char *name);

#endif /* GATEWAY_DATABASE_DATABASE_H */
