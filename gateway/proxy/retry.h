/*
 * retry.h: handles the failure of an exchange's server: sends the request again, or gives up
 *
 * A request goes to another server, or on a fresh connection, as long as that can do no harm.
 * Otherwise the exchange ends with 502 or 504.
 */
#ifndef GATEWAY_PROXY_RETRY_H
#define GATEWAY_PROXY_RETRY_H

#include "proxy/exchange.h"

/* No connection was made: send the request to the next server, with all that was to be sent. */
extern void retry_unreachable(Exchange *exchange, const char *problem, bool timed_out);

/* The connection ended too early, or brought bytes that are no HTTP. */
extern void retry_broken(Exchange *exchange, const char *problem, bool nothing_came);

/* The server takes too long. */
extern void retry_overdue(Exchange *exchange, const char *problem);

#endif /* GATEWAY_PROXY_RETRY_H */
