/*
 * door.h: the sockets of a process: bound at the start, open when it can serve
 *
 * A port is bound at once, which takes nothing from a process that serves there, and shared with
 * it by SO_REUSEPORT from listen(2) on.  Each worker has ports of its own, so that the kernel
 * spreads the clients.  A path is taken over in one step, and shared by the workers, as is what
 * was handed over.
 *
 * The admin address is open from the start if nobody else answers there.  Otherwise it is taken
 * over together with the rest: until then the other process answers, and is the one that serves.
 */
#ifndef GATEWAY_PROCESS_DOOR_H
#define GATEWAY_PROCESS_DOOR_H

#include "config/settings.h"
#include "process/readiness.h"

typedef struct Door Door;

/* Binds everything, or takes what was handed over; NULL: it could not, and logged it. */
extern Door *door_new(const Settings *settings);

/* Removes paths that nobody took over meanwhile, and closes what is not closed. */
extern void door_free(Door *door);

/* In a worker that was forked: ports of its own; false: logged. */
extern bool door_own(Door *door);

/* The sockets of settings->listen, in their order; door_close closes one of them. */
extern size_t door_count(const Door *door);
extern int	  door_socket(const Door *door, size_t at);
extern void	  door_close(Door *door, size_t at);

/* Is it open without door_open_rest? */
extern bool door_is_port(const Door *door, size_t at);

/* Has this process's own ports listen, and what was handed over; false: logged. */
extern bool door_open_ports(Door *door);

/*
 * When all workers listen: takes the paths over, says in the log and to the service manager that
 * the process serves, and notes it in readiness.  In the parent, or the only worker.
 */
extern bool door_open_rest(Door *door, Readiness *readiness);

/* An admin path, if nobody answers there; before workers are forked.  False: logged. */
extern bool door_open_early(Door *door);

/*
 * The admin socket, listening, and consumed; -1: none is wanted, it may not be taken yet, or
 * that failed, which was logged.  To be asked again while it is -1 and door_has_admin.
 */
extern int	door_admin_socket(Door *door, const Readiness *readiness);
extern bool door_has_admin(const Door *door);

/* A port that this process bound itself?  Then a takeover leaves it to be shared. */
extern bool door_admin_is_port(const Door *door);

/* The admin port was closed: another socket for it, or -1 if somebody else listens there. */
extern int door_admin_again(const Door *door);

#endif /* GATEWAY_PROCESS_DOOR_H */
