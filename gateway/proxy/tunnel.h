/*
 * tunnel.h: what an exchange becomes when the server switches protocols
 *
 * Life: open -> one side has ended -> both have, or the gateway closes it.
 * The bytes go the same way as those of bodies, so a side that does not read
 * stops the other one.  An end of one side is passed on as such.
 */
#ifndef GATEWAY_PROXY_TUNNEL_H
#define GATEWAY_PROXY_TUNNEL_H

#include "proxy/exchange.h"

/* The server said 101 and its head is on its way to the client. */
extern void tunnel_open(Exchange *exchange);

/* A side sends no more.  These and tunnel_sweep may end the exchange. */
extern void tunnel_client_ended(Exchange *exchange);
extern void tunnel_server_ended(Exchange *exchange, bool in_order);

extern void tunnel_sweep(Exchange *exchange, uint64_t now_ms);

#endif /* GATEWAY_PROXY_TUNNEL_H */
