/*
 * readiness.c: shows all workers of a process which of them can serve
 */
#include "process/readiness.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "config/settings.h"

struct Readiness
{
	unsigned			 workers;
	atomic_bool			 open;
	_Atomic(WorkerStage) stages[SETTINGS_WORKERS_MAX];
};

Readiness *
readiness_new(unsigned workers)
{
	Readiness *readiness =
		mmap(NULL, sizeof(*readiness), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (readiness == MAP_FAILED)
		abort(); /* out of memory */
	readiness->workers = workers;
	return readiness;
}

void
readiness_free(Readiness *readiness)
{
	munmap(readiness, sizeof(*readiness));
}

void
readiness_set(Readiness *readiness, unsigned worker, WorkerStage stage)
{
	atomic_store(&readiness->stages[worker], stage);
}

static unsigned
count(const Readiness *readiness, WorkerStage stage)
{
	unsigned found = 0;

	for (unsigned i = 0; i < readiness->workers; i++)
		found += atomic_load(&readiness->stages[i]) == stage;
	return found;
}

bool
readiness_all_listen(const Readiness *readiness)
{
	return count(readiness, WORKER_WAITING) == 0;
}

void
readiness_open(Readiness *readiness)
{
	atomic_store(&readiness->open, true);
}

bool
readiness_is_open(const Readiness *readiness)
{
	return atomic_load(&readiness->open);
}

/* A worker that died accepts no clients, and the other workers serve as well as before. */
bool
readiness_good(const Readiness *readiness)
{
	return readiness_is_open(readiness) && count(readiness, WORKER_UNSURE) == 0 &&
		   count(readiness, WORKER_READY) > 0;
}
