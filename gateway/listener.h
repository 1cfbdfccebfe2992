/*
 * listener.h: accepts clients
 */
#ifndef LISTENER_H
#define LISTENER_H

#include "address.h"
#include "worker.h"

typedef struct Listener Listener;

/*
 * A bound, non-blocking socket; -1 with errno.  A port is shared with whoever
 * of the same user binds it like that, and does not listen yet.  A path is
 * taken from whoever had it, in one step, and listens.
 */
extern int listener_bind(const Address *address);

/* Lets clients connect; logs a failure. */
extern bool listener_open(int socket);

/* Accepts from open sockets (consumed), as many as settings->listen has addresses. */
extern Listener *listener_new(Worker *worker, const int *sockets);
extern void		 listener_free(Listener *listener);

/* Descriptors may have run out, and there may be some again: clients that wait are accepted. */
extern void listener_resume(Listener *listener);

/* No more new clients. */
extern void listener_stop(Listener *listener);

#endif /* LISTENER_H */
