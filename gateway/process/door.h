/*
 * door.h: holds the sockets of a process: binds them at the start, and opens them when the process
 * can serve
 *
 * A port is bound at once. This takes nothing from a process that serves there. From listen(2) on,
 * SO_REUSEPORT shares the port with that process. Each worker has a socket of its own for each
 * port, so that the kernel spreads the clients. A path is taken over in one step. The workers
 * share its socket, and also the sockets that the service manager handed over.
 *
 * The admin address is open from the start if no other process answers there. Otherwise it is
 * taken over together with the rest. Until then the other process answers, since it is the process
 * that serves.
 */
#ifndef GATEWAY_PROCESS_DOOR_H
#define GATEWAY_PROCESS_DOOR_H

#include "config/settings.h"
#include "process/readiness.h"

typedef struct Door Door;

/*
 * Bind all addresses, or take the sockets that were handed over. NULL if that failed; the reason
 * was logged.
 */
extern Door *door_new(const Settings *settings);

/* Remove the paths that no other process took over meanwhile, and close the open sockets. */
extern void door_free(Door *door);

/*
 * Bind this worker's own sockets for ports, after the fork. False if that failed; the reason was
 * logged.
 */
extern bool door_own(Door *door);

/* The sockets of settings->listen, in their order. door_close closes one of them. */
extern size_t door_count(const Door *door);
extern int	  door_socket(const Door *door, size_t at);
extern void	  door_close(Door *door, size_t at);

/* Does door_open_ports open it, and not door_open_rest? */
extern bool door_is_port(const Door *door, size_t at);

/*
 * Listen on this process's own ports, and on the sockets that were handed over. False if that
 * failed; the reason was logged.
 */
extern bool door_open_ports(Door *door);

/*
 * Open the rest, once all workers listen: take the paths over, say in the log and to the service
 * manager that the process serves, and note it in readiness. Only the parent, or the only worker,
 * calls this.
 */
extern bool door_open_rest(Door *door, Readiness *readiness);

/*
 * Open an admin path, if no other process answers there, before workers are forked. False if that
 * failed; the reason was logged.
 */
extern bool door_open_early(Door *door);

/*
 * Return the admin socket, which listens; the caller owns it. -1 if none is configured, if it may
 * not be taken yet, or if listening failed, which was logged. Ask again while the result is -1 and
 * door_has_admin is true.
 */
extern int	door_admin_socket(Door *door, const Readiness *readiness);
extern bool door_has_admin(const Door *door);

/*
 * Is the admin address a port that this process bound itself? Then the port is shared in a
 * takeover.
 */
extern bool door_admin_is_port(const Door *door);

/*
 * Return another socket for the admin port, after the first was closed. -1 if another process
 * listens there.
 */
extern int door_admin_again(const Door *door);

#endif /* GATEWAY_PROCESS_DOOR_H */
