/*
 * relay.h: what happens to a request, and what follows of it
 *
 * Its client calls the functions here; servers, look-ups and journeys call the handlers that relay.c
 * gives to each exchange.
 */
#ifndef GATEWAY_PROXY_RELAY_H
#define GATEWAY_PROXY_RELAY_H

#include "proxy/exchange.h"

/* A head has come.  head and raw are borrowed for the call; message is taken over. */
extern Exchange *relay_new(const Origin *origin, const Head *head, Span raw, const Message *message);

/* Finds out whose it is, and sends it on its way; it may be over afterwards. */
extern void relay_start(Exchange *exchange, const Head *head);

/* Bytes behind the head came. */
extern BodyResult relay_take_body(Exchange *exchange, const char *bytes, size_t length,
								  size_t *used);

/* Is what comes next of the body to go from socket to socket (splice.h)? */
extern bool relay_splices_body(const Exchange *exchange);

/* A piece of it has come; result as of channel_recv.  False: it has to be read. */
extern bool relay_splice_body(Exchange *exchange, ChannelResult *result);

/* Nothing waits to be sent to the client any more. */
extern void relay_client_drained(Exchange *exchange);

extern void relay_sweep(Exchange *exchange, uint64_t now_ms);

#endif /* GATEWAY_PROXY_RELAY_H */
