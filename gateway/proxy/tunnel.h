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

typedef struct Tunnel
{
	Exchange *exchange; /* its owner */
	bool	  client_ended;
	bool	  server_ended;
} Tunnel;

/* The server said 101 and its head is on its way to the client. */
extern void tunnel_open(Exchange *exchange);

/* A side sends no more.  These and tunnel_close may end the exchange. */
extern void tunnel_client_ended(Tunnel *tunnel);
extern void tunnel_server_ended(Tunnel *tunnel, bool in_order);

extern void tunnel_sweep(Tunnel *tunnel, uint64_t now_ms);

/* Closes both sides at once. */
extern void tunnel_close(Tunnel *tunnel, const char *why);

/* The exchange is over. */
extern void tunnel_free(Tunnel *tunnel);

#endif /* GATEWAY_PROXY_TUNNEL_H */
