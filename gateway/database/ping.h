/*
 * ping.h: do notifications arrive?
 *
 * A pooler in transaction mode takes LISTEN and never delivers anything.  So a notification with
 * a word that nobody else knows is sent from another connection, while the one that listens has
 * nothing to do: what comes back with the answer to a statement would say nothing.  It has a
 * channel of its own, so that nobody else is told.
 */
#ifndef GATEWAY_DATABASE_PING_H
#define GATEWAY_DATABASE_PING_H

#include "base/span.h"
#include "loop/loop.h"

#define PING_CHANNEL "pg_gray_ping"
#define PING_UNHEARD_TEXT \
	"notifications do not arrive, as behind a pooler in transaction or statement mode; let" \
	" database name the server itself, or a pool in session mode"

typedef struct Ping Ping;

typedef enum PingEnd
{
	PING_HEARD,
	PING_UNHEARD, /* it was sent, and did not come in time */
	PING_UNSENT	  /* it could not be sent; problem says why */
} PingEnd;

/* Called from the loop or from ping_hear, once for each that is begun and not stopped. */
typedef void (*PingDone)(void *context, PingEnd end, const char *problem);

extern Ping *ping_new(Loop *loop, PingDone done, void *context);
extern void	 ping_free(Ping *ping);

/* Begins; one that was under way is forgotten. */
extern void ping_begin(Ping *ping);
extern void ping_stop(Ping *ping);

/* A ping's token came, whosever it is. */
extern void ping_hear(Ping *ping, Span token);

#endif /* GATEWAY_DATABASE_PING_H */
