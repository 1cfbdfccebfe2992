/*
 * lookup_try.h: whether the database takes uid_query, for a check before the start
 */
#ifndef LOOKUP_TRY_H
#define LOOKUP_TRY_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "buffer.h"

/*
 * Prepares and explains the query as a worker does, and runs nothing.  Waits for the database; leaves the
 * session with other settings.  On false, what is wrong is appended to problem.
 */
extern bool lookup_try(PGconn *connection, const char *sql, unsigned timeout_ms, Buffer *problem);

#endif /* LOOKUP_TRY_H */
