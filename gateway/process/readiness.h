/*
 * readiness.h: which workers of a process can serve, known to all of them
 *
 * In memory that the workers share with their parent: each writes its own place, all read.
 */
#ifndef GATEWAY_PROCESS_READINESS_H
#define GATEWAY_PROCESS_READINESS_H

#include <stdbool.h>

typedef struct Readiness Readiness;

typedef enum WorkerStage
{
	WORKER_WAITING, /* does not listen: it has no roster yet, or is not running */
	WORKER_UNSURE,	/* listens, and what it routes by is not the database's word of now */
	WORKER_READY	/* listens, and its roster is loaded */
} WorkerStage;

/* Of so many workers, all waiting; to come before they are forked.  Owned by the caller. */
extern Readiness *readiness_new(unsigned workers);
extern void		  readiness_free(Readiness *readiness);

extern void readiness_set(Readiness *readiness, unsigned worker, WorkerStage stage);

/* Does each worker listen? */
extern bool readiness_all_listen(const Readiness *readiness);

/* All of them did once, and the process took over what they share; for good. */
extern void readiness_open(Readiness *readiness);
extern bool readiness_is_open(const Readiness *readiness);

/* Are clients well served: open, and every worker that listens is ready? */
extern bool readiness_good(const Readiness *readiness);

#endif /* GATEWAY_PROCESS_READINESS_H */
