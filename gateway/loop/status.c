/*
 * status.c: collects the numbers of all workers, so that any worker can answer GET /status
 */
#include "loop/status.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define TRIES 1000

/*
 * One of the two statuses is current, and the other is being written. So nobody reads half a
 * status, not even of a worker that died while it wrote.
 */
typedef struct Slot
{
	atomic_uint	 version; /* its lowest bit is the index of the current status */
	WorkerStatus statuses[2];
} Slot;

typedef struct Board
{
	unsigned	   count;
	_Atomic size_t parent_lost;
	Slot		   slots[];
} Board;

_Static_assert(sizeof(Counters) % sizeof(uint64_t) == 0, "all of them are uint64_t");
_Static_assert(sizeof(WorkerGauges) % sizeof(uint64_t) == 0, "all of them are uint64_t");

static Board *board;
static Slot	 *own;

bool
status_open(unsigned workers)
{
	void *memory = mmap(NULL, sizeof(Board) + workers * sizeof(Slot), PROT_READ | PROT_WRITE,
						MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	board = memory;
	board->count = workers;
	return true;
}

/* Return the size of a status with only the servers that it has. */
static size_t
size_of(const WorkerStatus *status)
{
	return offsetof(WorkerStatus, servers) + status->server_count * sizeof(status->servers[0]);
}

static WorkerStatus *
present(Slot *slot)
{
	return &slot->statuses[atomic_load_explicit(&slot->version, memory_order_acquire) % 2];
}

static void
write_slot(Slot *slot, pid_t pid, const WorkerStatus *status)
{
	unsigned	  version = atomic_load_explicit(&slot->version, memory_order_relaxed) + 1;
	WorkerStatus *next = &slot->statuses[version % 2];

	/* A reader of this status has to see that it is not the current status any more. */
	atomic_thread_fence(memory_order_release);
	memcpy(next, status, size_of(status));
	next->pid = pid;
	atomic_store_explicit(&slot->version, version, memory_order_release);
}

/* Give the slot to the process pid. The counts stay. */
static void
change_hands(Slot *slot, pid_t pid)
{
	static WorkerStatus status;

	memcpy(&status, present(slot), size_of(present(slot)));
	memset(&status.gauges, 0, sizeof(status.gauges));
	write_slot(slot, pid, &status);
}

void
status_join(unsigned number)
{
	if (board == NULL || number >= board->count)
		return;
	own = &board->slots[number];
	change_hands(own, getpid());
}

const WorkerStatus *
status_last(void)
{
	static const WorkerStatus nothing;

	return own != NULL ? present(own) : &nothing;
}

void
status_publish(const WorkerStatus *status)
{
	if (own != NULL)
		write_slot(own, getpid(), status);
}

void
status_left(unsigned number)
{
	if (board != NULL && number < board->count)
		change_hands(&board->slots[number], 0);
}

void
status_parent_lost(uint64_t lines)
{
	if (board != NULL)
		board->parent_lost = lines;
}

bool
status_of(unsigned number, WorkerStatus *status)
{
	Slot *slot;

	if (board == NULL || number >= board->count)
		return false;
	slot = &board->slots[number];
	for (int i = 0; i < TRIES; i++)
	{
		unsigned version = atomic_load_explicit(&slot->version, memory_order_acquire);

		memcpy(status, &slot->statuses[version % 2], sizeof(*status));
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&slot->version, memory_order_relaxed) == version)
			break;
	}
	return true;
}

/* Add up two arrays of uint64_t; bytes is the size of each. */
static void
add(void *sum, const void *more, size_t bytes)
{
	uint64_t	   *numbers = sum;
	const uint64_t *added = more;

	for (size_t i = 0; i < bytes / sizeof(*numbers); i++)
		numbers[i] += added[i];
}

/* Find the server of the same side and address, or add it. NULL if there is no room. */
static ServerStatus *
find_server(WorkerStatus *sum, const ServerStatus *server)
{
	ServerStatus *found = sum->servers;

	for (; found < sum->servers + sum->server_count; found++)
	{
		if (found->side == server->side && strcmp(found->address, server->address) == 0)
			return found;
	}
	if (sum->server_count == STATUS_SERVERS_MAX)
		return NULL;
	*found = (ServerStatus){.side = server->side};
	memcpy(found->address, server->address, sizeof(found->address));
	sum->server_count++;
	return found;
}

static void
add_servers(WorkerStatus *sum, const WorkerStatus *one)
{
	for (unsigned i = 0; i < one->server_count; i++)
	{
		const ServerStatus *server = &one->servers[i];
		ServerStatus	   *into = find_server(sum, server);

		if (into == NULL)
			continue;
		into->requests += server->requests;
		into->failures += server->failures;
		if (one->pid == 0)
			continue;
		into->outstanding += server->outstanding;
		into->idle += server->idle;
		into->ejected += server->ejected;
	}
}

unsigned
status_sum(WorkerStatus *sum)
{
	static WorkerStatus one;
	unsigned			running = 0;

	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; status_of(i, &one); i++)
	{
		add(&sum->counters, &one.counters, sizeof(one.counters));
		add(&sum->gauges, &one.gauges, sizeof(one.gauges));
		add_servers(sum, &one);
		running += one.pid != 0;
	}
	if (board != NULL)
		sum->counters.log_lost += board->parent_lost;
	return running;
}
