/* wire.h: see wire.c */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>

#include <libpq-fe.h>

/* Once, for a session.  Returns NULL, or what is wrong. */
const char *wire_prepare(PGconn *conn, const char *from, const char *to, bool prepares_inserts);

/* Moves one user's rows, in a transaction.  Returns NULL, or what is wrong. */
const char *wire_move(PGconn *conn, const char *uid);

#endif
