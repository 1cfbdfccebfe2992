/*
 * client.h: a connection from a client
 *
 * Life: reading a head -> (exchange: body, answer) -> reading the next head
 * ... -> closing (what is left is sent) -> lingering (what the client still
 * sends is thrown away, so that it can read our last answer) -> closed.
 */
#ifndef GATEWAY_PROXY_CLIENT_H
#define GATEWAY_PROXY_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/address.h"
#include "proxy/proxy.h"

typedef struct Client Client;

/* Takes over a non-blocking socket, accepted by the listener of that address. */
extern void client_accept(Proxy *proxy, int fd, const struct sockaddr *peer,
						  const Address *listener);

/* Sends what the socket takes and keeps the rest.  May close the client. */
extern void client_send(Client *client, const char *bytes, size_t length);

/*
 * The same for what ends an answer: it goes at the end of the loop's turn at the latest, with that of
 * others (batch.h).  Until then it counts as sent.
 */
extern void client_post(Client *client, const char *bytes, size_t length);

/* Is something kept that the socket did not take? */
extern bool client_blocked(const Client *client);

/* The same for the exchange's pipe (splice.h), into which so many bytes more came. */
extern void client_send_pipe(Client *client, size_t more);

/* Without TLS? */
extern bool client_plain(const Client *client);

/*
 * Sends a whole answer of our own.  retry_after: seconds for that field, or 0.
 */
extern void client_answer(Client *client, unsigned status, const char *text, bool keep_alive,
						  unsigned retry_after, bool with_body);

/*
 * The exchange is over (it is not used any more).  Without keep_alive the
 * connection closes once all is sent; unread: the request is not read to its
 * end, so linger.
 */
extern void client_finished(Client *client, bool keep_alive, bool unread);

/* Tells the client that this was all, once it is sent; what it sends is still taken. */
extern void client_shut(Client *client);

/* The exchange can take more of the request's body. */
extern void client_resume(Client *client);

/* Closes at once; the exchange, if there is one, is aborted. */
extern void client_close(Client *client);

/* The same, and the client sees that something went wrong. */
extern void client_reset(Client *client);

/* Closes a connection that is idle between two requests; others are left alone. */
extern void client_close_idle(Client *client);

/* The next in the list of all, or NULL. */
extern Client *client_next(const Client *client);

extern void client_sweep(Client *client, uint64_t now_ms);

/* address:port, for logs; the address alone; both live as long as the client. */
extern const char *client_peer(const Client *client);
extern const char *client_host(const Client *client);

/* Does it speak TLS? */
extern bool	  client_secure(const Client *client);
extern Proxy *client_proxy(const Client *client);

#endif /* GATEWAY_PROXY_CLIENT_H */
