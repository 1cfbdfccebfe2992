/*
 * relay.h: the events of a request, and what the gateway does at each
 *
 * The client of the request calls the functions here. Servers, look-ups and journeys call the
 * handlers that relay.c gives to each exchange.
 */
#ifndef GATEWAY_PROXY_RELAY_H
#define GATEWAY_PROXY_RELAY_H

#include "proxy/exchange.h"

/*
 * Make an exchange of a head that has come. head and raw are borrowed for the call; message is
 * taken over.
 */
extern Exchange *relay_new(const Origin *origin, const Head *head, Span raw, const Message *message);

/* Find out whose the request is, and send it on its way. It may be over afterwards. */
extern void relay_start(Exchange *exchange, const Head *head);

/* Take bytes that came behind the head. */
extern BodyResult relay_take_body(Exchange *exchange, const char *bytes, size_t length,
								  size_t *used);

/* Does the next piece of the body go from socket to socket (splice.h)? */
extern bool relay_splices_body(const Exchange *exchange);

/*
 * Pass on a piece of the body that has come; result is as of channel_recv. Return false if it
 * has to be read.
 */
extern bool relay_splice_body(Exchange *exchange, ChannelResult *result);

/* Go on when nothing waits to be sent to the client any more. */
extern void relay_client_drained(Exchange *exchange);

extern void relay_sweep(Exchange *exchange, uint64_t now_ms);

#endif /* GATEWAY_PROXY_RELAY_H */
