/*
 * ping.h: checks whether notifications arrive
 *
 * A pooler in transaction mode accepts LISTEN and never delivers anything. So a notification with
 * a secret token is sent from another connection, while the listening connection is idle: a
 * notification that comes with the answer to a statement would prove nothing. The ping has a
 * channel of its own, so that it disturbs no other listener.
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
	PING_UNHEARD, /* the notification was sent, and did not come in time */
	PING_UNSENT	  /* the notification could not be sent; problem says why */
} PingEnd;

/* Called from the loop or from ping_hear, once for each ping that was begun and not stopped. */
typedef void (*PingDone)(void *context, PingEnd end, const char *problem);

extern Ping *ping_new(Loop *loop, PingDone done, void *context);
extern void	 ping_free(Ping *ping);

/* Begin a ping. A ping that was under way is forgotten. */
extern void ping_begin(Ping *ping);
extern void ping_stop(Ping *ping);

/* Take a token that came. It may belong to any ping. */
extern void ping_hear(Ping *ping, Span token);

#endif /* GATEWAY_DATABASE_PING_H */
