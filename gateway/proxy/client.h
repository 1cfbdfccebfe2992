/*
 * client.h: a connection from a client
 *
 * Life cycle: reading a head -> (exchange: body, answer) -> reading the next head ... ->
 * closing (the rest of the answer is sent) -> lingering (bytes that the client still sends are
 * thrown away, so that the client can read our last answer) -> closed.
 */
#ifndef GATEWAY_PROXY_CLIENT_H
#define GATEWAY_PROXY_CLIENT_H

#include <sys/socket.h>

#include "base/address.h"
#include "proxy/proxy.h"

typedef struct Client Client;

/* Take over a non-blocking socket that the listener of this address has accepted. */
extern void client_accept(Proxy *proxy, int fd, const struct sockaddr *peer,
						  const Address *listener);

/* Close the connection at once. Its exchange, if there is one, is aborted. */
extern void client_close(Client *client);

/* Close a connection that is idle between two requests; leave any other connection alone. */
extern void client_close_idle(Client *client);

/* Return the next client in the list of all clients, or NULL. */
extern Client *client_next(const Client *client);

extern void client_sweep(Client *client, uint64_t now_ms);

#endif /* GATEWAY_PROXY_CLIENT_H */
