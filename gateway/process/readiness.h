/*
 * readiness.h: shows all workers of a process which of them can serve
 *
 * The stages are in memory that the workers share with their parent. Each worker writes its own
 * stage, and all read all stages.
 */
#ifndef GATEWAY_PROCESS_READINESS_H
#define GATEWAY_PROCESS_READINESS_H

#include <stdbool.h>

typedef struct Readiness Readiness;

typedef enum WorkerStage
{
	WORKER_WAITING, /* the worker does not listen: it has no roster yet, or is not running */
	WORKER_UNSURE,	/* the worker listens, but its roster may be out of date */
	WORKER_READY	/* the worker listens, and its roster is current */
} WorkerStage;

/*
 * Make the stages of that many workers, all WORKER_WAITING, before the workers are forked. The
 * caller owns them.
 */
extern Readiness *readiness_new(unsigned workers);
extern void		  readiness_free(Readiness *readiness);

extern void readiness_set(Readiness *readiness, unsigned worker, WorkerStage stage);

/* Does each worker listen? */
extern bool readiness_all_listen(const Readiness *readiness);

/*
 * Note, for good, that all workers have listened and the process has taken over the sockets that
 * they share.
 */
extern void readiness_open(Readiness *readiness);
extern bool readiness_is_open(const Readiness *readiness);

/*
 * Are clients well served? They are if the process is open, every worker that listens is ready,
 * and at least one worker listens.
 */
extern bool readiness_good(const Readiness *readiness);

#endif /* GATEWAY_PROCESS_READINESS_H */
