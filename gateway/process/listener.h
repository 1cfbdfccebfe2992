/*
 * listener.h: accepts clients
 */
#ifndef GATEWAY_PROCESS_LISTENER_H
#define GATEWAY_PROCESS_LISTENER_H

#include "base/address.h"
#include "proxy/proxy.h"

struct Door;
typedef struct Listener Listener;

/*
 * A non-blocking socket for an address; -1 with errno.  A port is bound, and shared with whoever
 * of the same user binds it like that.  A path can be bound, and is left to whoever has it.
 */
extern int listener_bind(const Address *address);

/* Lets clients connect to a bound socket; logs a failure. */
extern bool listener_open(int socket);

/*
 * The same for a path, which is taken from whoever had it: clients find either the old socket or
 * the new one, listening.
 */
extern bool listener_take_path(int socket, const Address *address);

/* Does no other process listen there? */
extern bool listener_is_free(const Address *address);

/* Accepts from the sockets of a door (borrowed), when told to. */
extern Listener *listener_new(Proxy *proxy, struct Door *door);
extern void		 listener_free(Listener *listener);

/* From now on clients are taken at ports, or at paths, that were opened; again is nothing. */
extern void listener_accept_ports(Listener *listener);
extern void listener_accept_paths(Listener *listener);

/* Descriptors may have run out, and there may be some again: clients that wait are accepted. */
extern void listener_resume(Listener *listener);

/* No more new clients. */
extern void listener_stop(Listener *listener);

#endif /* GATEWAY_PROCESS_LISTENER_H */
