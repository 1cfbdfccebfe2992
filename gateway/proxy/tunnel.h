/*
 * tunnel.h: an exchange whose server has switched protocols
 *
 * Life cycle: open -> one side has ended -> both sides have ended, or the gateway closes it.
 *
 * The bytes go the same way as bodies, so a side that does not read stops the other side. The
 * end of one side is passed on as an end.
 */
#ifndef GATEWAY_PROXY_TUNNEL_H
#define GATEWAY_PROXY_TUNNEL_H

#include "proxy/exchange.h"

/*
 * Turn the exchange into a tunnel: the server said 101, and its head is on its way to the
 * client.
 */
extern void tunnel_open(Exchange *exchange);

/* A side sends no more. These functions and tunnel_sweep may end the exchange. */
extern void tunnel_client_ended(Exchange *exchange);
extern void tunnel_server_ended(Exchange *exchange, bool in_order);

extern void tunnel_sweep(Exchange *exchange, uint64_t now_ms);

#endif /* GATEWAY_PROXY_TUNNEL_H */
