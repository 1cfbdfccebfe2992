/*
 * admin.h: what operators and load balancers may ask over HTTP
 *
 * GET /health: 200 while serving, 503 while stopping.
 * GET /status: JSON, the numbers of all workers, and each of them.
 */
#ifndef ADMIN_H
#define ADMIN_H

#include "worker.h"

typedef struct Admin Admin;

/* socket listens, and is consumed.  NULL if evhttp does not take it. */
extern Admin *admin_new(Worker *worker, int socket);

/* Descriptors may have run out, and there may be some again.  NULL is none. */
extern void admin_resume(Admin *admin);
extern void admin_free(Admin *admin);

/* Puts this worker's numbers where all workers find them (status.h). */
extern void admin_publish(const Worker *worker);

#endif /* ADMIN_H */
