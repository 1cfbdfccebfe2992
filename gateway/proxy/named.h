/*
 * named.h: whose a request is that does not say so itself: a user's whom a server named, or a visitor's
 *
 * A server names the user in X-Gray-User of its answer.  A 421 that does so is about the request: it becomes
 * that user's, and goes where the data is.  Any other answer is about who asked: the client is given a
 * cookie, and its later requests are that user's.  What is of nobody is a visitor's.
 */
#ifndef GATEWAY_PROXY_NAMED_H
#define GATEWAY_PROXY_NAMED_H

#include "proxy/exchange.h"

/* Sends a request on its way in which there is no uid.  head is borrowed for the call. */
extern void named_start(Exchange *exchange, const Head *head);

/* The head of an answer came (no interim one): what it says of its user holds from now on. */
extern void named_hear(Exchange *exchange, const Head *answer);

/* Appends the fields by which the client remembers, as the answer goes to it. */
extern void named_cookies(const Exchange *exchange, const Head *answer, Buffer *fields);

#endif /* GATEWAY_PROXY_NAMED_H */
