/*
 * database.h: a database connection that never blocks the loop
 *
 * Life: closed -> opening -> ready -> (query -> ready) ... -> lost, which is
 * closed again.  Handlers are only called from the loop, never from within
 * the functions here, and may call any of them, except database_free.
 */
#ifndef DATABASE_H
#define DATABASE_H

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

/* Opens; the session is what the gateway needs, whatever its role has as defaults. */
extern void database_open(Database *database);

/*
 * Sends one statement with text parameters.  by_row: each row comes as a
 * result of its own.  A failure to send comes as lost.
 */
extern void database_send(Database *database, const char *sql, int count,
						  const char *const *parameters, bool by_row);

/* Waits for the end of the query, blocking, for so long at the most; no handler is called. */
extern void database_finish(Database *database, int most_ms);

/* A connection with the same settings for who may block, such as a check; owned by the caller. */
extern PGconn *database_connect(const char *conninfo);

/* Closes; lost is not called. */
extern void database_close(Database *database);

/* The role that it is connected as; borrowed. */
extern const char *database_user(const Database *database);

/* As PQescapeIdentifier; the caller frees it with PQfreemem. */
extern char *database_quote_name(Database *database, const char *name);

#endif /* DATABASE_H */
