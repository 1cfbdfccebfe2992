/*
 * outbox.h: what goes out for an exchange, collected until the end of a callback
 *
 * One buffer of the process for each direction, so that head and small body
 * are one send.  Whoever comes next has what the others collected sent first.
 */
#ifndef GATEWAY_PROXY_OUTBOX_H
#define GATEWAY_PROXY_OUTBOX_H

#include "proxy/exchange.h"

/* Where to append what goes to the server, and to the client. */
extern Buffer *outbox_request(Exchange *exchange);
extern Buffer *outbox_answer(Exchange *exchange);

/* Large pieces are sent from where they are, behind what was collected. */
extern void outbox_put_request(Exchange *exchange, const char *bytes, size_t length);
extern void outbox_put_answer(Exchange *exchange, const char *bytes, size_t length);

/* To be called at the end of each callback.  outbox_flush_answer may end the exchange. */
extern void outbox_flush_request(Exchange *exchange);
extern void outbox_flush_answer(Exchange *exchange);

/* The exchange is over: what was collected for it is not sent. */
extern void outbox_drop(const Exchange *exchange);

/* At the end of the process. */
extern void outbox_close(void);

#endif /* GATEWAY_PROXY_OUTBOX_H */
