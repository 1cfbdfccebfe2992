/*
 * named.h: finds out whose a request without a uid is: a user's whom a server named, or a
 * visitor's
 *
 * A server names the user in X-Gray-User of its answer. In a 421 the field is about the
 * request: the request becomes this user's, and goes where the user's data is. In any other
 * answer the field is about the client: the client is given a cookie, and its later requests
 * are this user's. A request that is nobody's is a visitor's.
 */
#ifndef GATEWAY_PROXY_NAMED_H
#define GATEWAY_PROXY_NAMED_H

#include "proxy/exchange.h"

/* Send a request without a uid on its way. head is borrowed for the call. */
extern void named_start(Exchange *exchange, const Head *head);

/* Handle X-Gray-User in the head of an answer (not an interim answer): it holds from now on. */
extern void named_hear(Exchange *exchange, const Head *answer);

/*
 * Append the Set-Cookie fields by which the client remembers, when the answer goes to the
 * client.
 */
extern void named_cookies(const Exchange *exchange, const Head *answer, Buffer *fields);

#endif /* GATEWAY_PROXY_NAMED_H */
