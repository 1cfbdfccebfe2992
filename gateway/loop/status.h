/*
 * status.h: collects the numbers of all workers, so that any worker can answer GET /status
 *
 * Each worker has a slot in memory that all processes share. Only its worker writes a slot, or the
 * parent while the slot has no worker. The counts of a slot go on: a process that replaces an
 * ended worker counts on from there.
 */
#ifndef GATEWAY_LOOP_STATUS_H
#define GATEWAY_LOOP_STATUS_H

#include <sys/types.h>

#include "config/settings.h"
#include "loop/counters.h"
#include "routing/state.h"

#define STATUS_SERVERS_MAX 128 /* servers of both sides together */

/* The present state of a worker. Each field is a uint64_t: the fields are added up as an array. */
typedef struct WorkerGauges
{
	uint64_t connections;
	uint64_t in_flight;
	uint64_t tunnels;
	uint64_t streams;
	uint64_t spooled_bytes;
	uint64_t held;
	uint64_t moving;
	uint64_t waiting;
	uint64_t lookups_waiting;
	uint64_t lookups_known;
	uint64_t idle[2];		/* indexed by Side */
	uint64_t roster_loaded; /* 0 or 1, as are the fields below; a sum is the number of workers */
	uint64_t database_connected;
	uint64_t has_lease;
	uint64_t stopping;
} WorkerGauges;

typedef struct ServerStatus
{
	Side	 side;
	char	 address[ADDRESS_TEXT_MAX];
	uint64_t outstanding;
	uint64_t idle;
	uint64_t ejected;  /* 0 or 1 */
	uint64_t requests; /* counted up for good, as failures is */
	uint64_t failures;
} ServerStatus;

typedef struct WorkerStatus
{
	pid_t		 pid; /* 0: the worker does not run */
	Counters	 counters;
	WorkerGauges gauges;
	unsigned	 server_count;
	ServerStatus servers[STATUS_SERVERS_MAX];
} WorkerStatus;

/* Make the slots, before the first fork. False, with errno: there is no memory. */
extern bool status_open(unsigned workers);

/* Make this process the worker of that number. */
extern void status_join(unsigned number);

/* Return this process's slot as it was left. */
extern const WorkerStatus *status_last(void);

/* Write this process's slot, but for the pid. */
extern void status_publish(const WorkerStatus *status);

/*
 * Note, in the parent, that this worker does not run any more; its counts stay. And note how many
 * lines the parent's own log has lost.
 */
extern void status_left(unsigned number);
extern void status_parent_lost(uint64_t lines);

/* Read a worker's slot. False if there is no such worker. */
extern bool status_of(unsigned number, WorkerStatus *status);

/*
 * Add up the counts of all workers, and the gauges of the running workers. Servers are the same if
 * side and address are. Return how many workers run.
 */
extern unsigned status_sum(WorkerStatus *sum);

#endif /* GATEWAY_LOOP_STATUS_H */
