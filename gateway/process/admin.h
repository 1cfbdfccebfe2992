/*
 * admin.h: answers the HTTP requests of operators and load balancers
 *
 * GET /livez: 200, since the loop turns.
 * GET /readyz, and /health, its older name: 200 while clients are well served, else 503 with the
 * reason.
 * GET /status: JSON with the numbers of all workers together, and of each worker.
 */
#ifndef GATEWAY_PROCESS_ADMIN_H
#define GATEWAY_PROCESS_ADMIN_H

#include "process/worker.h"

typedef struct Admin Admin;

/* socket listens, and is consumed. Return NULL if evhttp does not accept the socket. */
extern Admin *admin_new(Worker *worker, int socket);

/*
 * Accept clients again: descriptors may have run out before, and some may be free now. admin may
 * be NULL.
 */
extern void admin_resume(Admin *admin);
extern void admin_free(Admin *admin);

/* Put this worker's numbers where all workers find them (status.h). */
extern void admin_publish(const Worker *worker);

/*
 * Stop accepting clients, because the process stops: a process that has taken the address over
 * shall answer there alone. If no process has, this process goes on answering.
 */
extern void admin_step_aside(Admin *admin);

#endif /* GATEWAY_PROCESS_ADMIN_H */
