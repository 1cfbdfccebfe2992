/*
 * outbox.h: collects the bytes that go out for an exchange, until the end of a callback
 *
 * The process has one buffer for each direction, so that a head and a small body are one send.
 * When another exchange begins to use a buffer, the collected bytes of the earlier exchange are
 * sent first.
 */
#ifndef GATEWAY_PROXY_OUTBOX_H
#define GATEWAY_PROXY_OUTBOX_H

#include "proxy/exchange.h"

/* Return the buffer to which bytes for the server, or for the client, are appended. */
extern Buffer *outbox_request(Exchange *exchange);
extern Buffer *outbox_answer(Exchange *exchange);

/* Append a piece. A large piece is sent from where it is, behind the collected bytes. */
extern void outbox_put_request(Exchange *exchange, const char *bytes, size_t length);
extern void outbox_put_answer(Exchange *exchange, const char *bytes, size_t length);

/*
 * Send the collected bytes. To be called at the end of each callback. outbox_flush_answer may
 * end the exchange.
 */
extern void outbox_flush_request(Exchange *exchange);
extern void outbox_flush_answer(Exchange *exchange);

/* Drop the bytes that were collected for an exchange that is over. */
extern void outbox_drop(const Exchange *exchange);

/* Free the buffers, at the end of the process. */
extern void outbox_close(void);

#endif /* GATEWAY_PROXY_OUTBOX_H */
