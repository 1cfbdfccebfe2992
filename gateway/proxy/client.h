/*
 * client.h: a connection from a client
 *
 * Life: reading a head -> (exchange: body, answer) -> reading the next head
 * ... -> closing (what is left is sent) -> lingering (what the client still
 * sends is thrown away, so that it can read our last answer) -> closed.
 */
#ifndef GATEWAY_PROXY_CLIENT_H
#define GATEWAY_PROXY_CLIENT_H

#include <sys/socket.h>

#include "base/address.h"
#include "proxy/proxy.h"

typedef struct Client Client;

/* Takes over a non-blocking socket, accepted by the listener of that address. */
extern void client_accept(Proxy *proxy, int fd, const struct sockaddr *peer,
						  const Address *listener);

/* Closes at once; the exchange, if there is one, is aborted. */
extern void client_close(Client *client);

/* Closes a connection that is idle between two requests; others are left alone. */
extern void client_close_idle(Client *client);

/* The next in the list of all, or NULL. */
extern Client *client_next(const Client *client);

extern void client_sweep(Client *client, uint64_t now_ms);

#endif /* GATEWAY_PROXY_CLIENT_H */
