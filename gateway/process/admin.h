/*
 * admin.h: what operators and load balancers may ask over HTTP
 *
 * GET /livez: 200: the loop turns.
 * GET /readyz, and /health, its older name: 200 while clients are well served, else 503 and why.
 * GET /status: JSON, the numbers of all workers, and each of them.
 */
#ifndef GATEWAY_PROCESS_ADMIN_H
#define GATEWAY_PROCESS_ADMIN_H

#include "process/worker.h"

typedef struct Admin Admin;

/* socket listens, and is consumed.  NULL if evhttp does not take it. */
extern Admin *admin_new(Worker *worker, int socket);

/* Descriptors may have run out, and there may be some again.  NULL is none. */
extern void admin_resume(Admin *admin);
extern void admin_free(Admin *admin);

/* Puts this worker's numbers where all workers find them (status.h). */
extern void admin_publish(const Worker *worker);

/*
 * The process stops: whoever has taken the address over shall answer there alone.  If nobody
 * has, it goes on answering.
 */
extern void admin_step_aside(Admin *admin);

#endif /* GATEWAY_PROCESS_ADMIN_H */
