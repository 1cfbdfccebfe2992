/*
 * dial.h: tries the hosts of the database, one after the other, for a connection
 *
 * libpq knows lists of hosts, too. But in its non-blocking mode it has no time limit for each
 * host, and it blocks to look up names. So libpq gets one address at a time.
 */
#ifndef GATEWAY_DATABASE_DIAL_H
#define GATEWAY_DATABASE_DIAL_H

#include <libpq-fe.h>
#include <stdbool.h>

typedef struct Dial Dial;

/*
 * Find the addresses that conninfo (borrowed for the call) names at the moment: each address of
 * each host in turn. The address that answered last, for any connection of the process, comes
 * first.
 */
extern Dial *dial_new(const char *conninfo);
extern void	 dial_free(Dial *dial);

/* Begin the next attempt. The caller owns the connection. NULL if no address is left. */
extern PGconn *dial_next(Dial *dial, const char *conninfo);

/* Return how long an attempt may take. */
extern unsigned dial_limit_ms(const Dial *dial);

/* Note the result of the last attempt. */
extern void dial_failed(Dial *dial, const char *problem);
extern void dial_answered(const Dial *dial);

/* Is where the dial_where of the attempt that answered last, for any connection of the process? */
extern bool dial_is_last(const char *where);

/*
 * Return the host and address of the last attempt, and why all attempts failed, in one line;
 * borrowed.
 */
extern const char *dial_where(const Dial *dial);
extern const char *dial_problem(const Dial *dial);

#endif /* GATEWAY_DATABASE_DIAL_H */
