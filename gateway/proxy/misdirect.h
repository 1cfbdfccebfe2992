/*
 * misdirect.h: what an exchange does when its server says 421
 *
 * The fence has refused it: the user's data is on the other side, or was for a moment.
 * The 421 is kept from the client while the database is asked.
 */
#ifndef GATEWAY_PROXY_MISDIRECT_H
#define GATEWAY_PROXY_MISDIRECT_H

#include "proxy/exchange.h"

/* The head of a 421 has come.  False: it is none of ours, pass it on.  May end the exchange. */
extern bool misdirect_take(Exchange *exchange);

/*
 * After journey_misdirected: the user's data is on that side; or nobody could be asked.  The
 * request goes again, or its client is told to come again, or gets the 421.
 */
extern void misdirect_go_on(Exchange *exchange, Side side, bool known);

#endif /* GATEWAY_PROXY_MISDIRECT_H */
