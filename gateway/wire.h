/*
 * wire.h: what goes out for an exchange, collected until the end of a callback
 *
 * One buffer of the process for each direction, so that head and small body
 * are one send.  Whoever comes next has what the others collected sent first.
 */
#ifndef WIRE_H
#define WIRE_H

#include "exchange.h"

/* Where to append what goes to the server, and to the client. */
extern Buffer *wire_request(Exchange *exchange);
extern Buffer *wire_answer(Exchange *exchange);

/* Large pieces are sent from where they are, behind what was collected. */
extern void wire_put_request(Exchange *exchange, const char *bytes, size_t length);
extern void wire_put_answer(Exchange *exchange, const char *bytes, size_t length);

/* To be called at the end of each callback.  wire_flush_answer may end the exchange. */
extern void wire_flush_request(Exchange *exchange);
extern void wire_flush_answer(Exchange *exchange);

/* The exchange is over: what was collected for it is not sent. */
extern void wire_drop(const Exchange *exchange);

/* At the end of the process. */
extern void wire_close(void);

#endif /* WIRE_H */
