/*
 * misdirect.h: handles a server's answer of 421
 *
 * The fence has refused the request: the user's data is on the other side, or was there for a
 * moment. The 421 is kept from the client while the database is asked.
 */
#ifndef GATEWAY_PROXY_MISDIRECT_H
#define GATEWAY_PROXY_MISDIRECT_H

#include "proxy/exchange.h"

/* Handle the head of a 421. Return false if it is to be passed on. May end the exchange. */
extern bool misdirect_take(Exchange *exchange);

/*
 * Go on after journey_misdirected. known: the user's data is on that side; otherwise nobody
 * could be asked. The request is sent again, or its client is told to come again, or gets the
 * 421.
 */
extern void misdirect_go_on(Exchange *exchange, Side side, bool known);

#endif /* GATEWAY_PROXY_MISDIRECT_H */
