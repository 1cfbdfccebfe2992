/*
 * dial.h: the hosts of the database, asked one after the other for a connection
 *
 * libpq knows lists of hosts, too, but when it must not block it gives none of them a time, and
 * looks names up all the same.  So it gets one address at a time.
 */
#ifndef GATEWAY_DATABASE_DIAL_H
#define GATEWAY_DATABASE_DIAL_H

#include <libpq-fe.h>
#include <stdbool.h>

typedef struct Dial Dial;

/*
 * Where conninfo (borrowed for the call) leads at the moment: every host in turn, and every
 * address of it; but the one that answered last, whoever asked, is the first.
 */
extern Dial *dial_new(const char *conninfo);
extern void	 dial_free(Dial *dial);

/* Begins the next attempt; the connection is the caller's.  NULL: there is none left. */
extern PGconn *dial_next(Dial *dial, const char *conninfo);

/* How long an attempt may take. */
extern unsigned dial_limit_ms(const Dial *dial);

/* What became of the last attempt. */
extern void dial_failed(Dial *dial, const char *problem);
extern void dial_answered(const Dial *dial);

/* Is this what dial_where was of the attempt that was answered last, whoever asked? */
extern bool dial_is_last(const char *where);

/* Its host and address, and why all attempts failed, in one line; borrowed. */
extern const char *dial_where(const Dial *dial);
extern const char *dial_problem(const Dial *dial);

#endif /* GATEWAY_DATABASE_DIAL_H */
