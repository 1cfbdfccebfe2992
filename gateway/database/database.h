/*
 * database.h: a database connection that never blocks the loop
 *
 * Life: closed -> opening (host by host, dial.h) -> ready -> (query -> ready) ... -> lost,
 * which is closed again.  A server that answers that it takes no writes, or that it goes down,
 * is lost instead of having that result.  Handlers are only called from the loop, never from within
 * the functions here, and may call any of them, except database_free.
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
	/* A warning that came with an answer.  May be NULL: it is logged as it is. */
	void (*warned)(void *owner, const char *message);
	/* Could not be opened, or broke; closed by now.  problem is borrowed. */
	void (*lost)(void *owner, const char *problem);
} DatabaseHandlers;

/* A closed one, owned by the caller; handlers and owner are borrowed. */
extern Database *database_new(struct event_base *base, const char *conninfo,
							  const DatabaseHandlers *handlers, void *owner);
extern void		 database_free(Database *database);

/* How long it may be silent during a query before it is lost; 0, as at first: for ever. */
extern void database_limit(Database *database, unsigned answer_ms);

/*
 * Takes connect_timeout for each address of each host at the most, and then it is lost.  The session
 * is what the gateway needs, whatever its role has as defaults.
 */
extern void database_open(Database *database);

/*
 * Sends one statement with text parameters.  by_row: each row comes as a
 * result of its own.  A failure to send comes as lost.
 */
extern void database_send(Database *database, const char *sql, int count,
						  const char *const *parameters, bool by_row);

/* Prepares a statement by that name; asks for its parameters and columns; runs it, row by row. */
extern void database_prepare(Database *database, const char *name, const char *sql);
extern void database_describe(Database *database, const char *name);
extern void database_execute(Database *database, const char *name, int count,
							 const char *const *parameters);

/* Waits for the end of the query, blocking, for so long at the most; no handler is called. */
extern void database_finish(Database *database, int most_ms);

/* A connection with the same settings for who may block, such as a check; owned by the caller. */
extern PGconn *database_connect(const char *conninfo);

/* Closes; lost is not called. */
extern void database_close(Database *database);

/* The role that it is connected as; borrowed. */
extern const char *database_user(const Database *database);

/* Host and port it is open at, or was last, for logs; "": nowhere yet.  Borrowed. */
extern const char *database_server(const Database *database);

/* Has another connection been opened at another server since? */
extern bool database_deserted(const Database *database);
/* As PQserverVersion, of an open one. */
extern int database_version(const Database *database);

/* As PQescapeIdentifier; the caller frees it with PQfreemem. */
extern char *database_quote_name(Database *database, const char *name);

#endif /* GATEWAY_DATABASE_DATABASE_H */
