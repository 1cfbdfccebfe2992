/*
 * listener.h: binds sockets and accepts clients
 */
#ifndef GATEWAY_PROCESS_LISTENER_H
#define GATEWAY_PROCESS_LISTENER_H

#include "base/address.h"
#include "proxy/proxy.h"

struct Door;
typedef struct Listener Listener;

/*
 * Return a non-blocking socket for an address; -1 with errno. A port is bound, and shared with
 * other sockets of the same user that are bound like this. A path is only checked: it can be
 * bound, and stays with the process that has it.
 */
extern int listener_bind(const Address *address);

/* Listen on a bound socket. A failure is logged. */
extern bool listener_open(int socket);

/*
 * Listen on a path, and take the path from the process that has it: clients find either the old
 * socket or the new socket, listening. A failure is logged.
 */
extern bool listener_take_path(int socket, const Address *address);

/* Does no other process listen there? */
extern bool listener_is_free(const Address *address);

/*
 * Make a listener for the sockets of a door (borrowed). It accepts clients once
 * listener_accept_ports or listener_accept_paths is called.
 */
extern Listener *listener_new(Proxy *proxy, struct Door *door);
extern void		 listener_free(Listener *listener);

/* Accept clients at the ports, or at the paths, which are open. A second call does nothing. */
extern void listener_accept_ports(Listener *listener);
extern void listener_accept_paths(Listener *listener);

/* Accept waiting clients again: descriptors may have run out before, and some may be free now. */
extern void listener_resume(Listener *listener);

/* Stop accepting clients. */
extern void listener_stop(Listener *listener);

#endif /* GATEWAY_PROCESS_LISTENER_H */
