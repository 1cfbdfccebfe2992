/*
 * status.h: the numbers of all workers, to be read by the one that is asked
 *
 * Each worker has a slot in memory that all processes share.  It is written by its worker alone,
 * and by the parent while there is none.  A slot goes on: who is started in the place of a
 * worker that has ended counts on from there.
 */
#ifndef GATEWAY_LOOP_STATUS_H
#define GATEWAY_LOOP_STATUS_H

#include <sys/types.h>

#include "config/settings.h"
#include "loop/counters.h"
#include "routing/state.h"

#define STATUS_SERVERS_MAX 128 /* of both sides */

/* How things are now.  Each a uint64_t: they are added up blindly. */
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
	uint64_t idle[2];		/* by Side */
	uint64_t roster_loaded; /* 0 or 1, as below: a sum says how many */
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
	uint64_t requests; /* counted on, as failures */
	uint64_t failures;
} ServerStatus;

typedef struct WorkerStatus
{
	pid_t		 pid; /* 0: it does not run */
	Counters	 counters;
	WorkerGauges gauges;
	unsigned	 server_count;
	ServerStatus servers[STATUS_SERVERS_MAX];
} WorkerStatus;

/* Before the first fork.  False, with errno: no memory. */
extern bool status_open(unsigned workers);

/* This process is that worker from now on. */
extern void status_join(unsigned number);

/* The slot of this process as it was left. */
extern const WorkerStatus *status_last(void);

/* Writes the slot of this process, but for the pid. */
extern void status_publish(const WorkerStatus *status);

/* In the parent: that worker runs no more; what it has counted stays.  And lines that its own log has lost. */
extern void status_left(unsigned number);
extern void status_parent_lost(uint64_t lines);

/* A worker's slot; false: there is no such worker. */
extern bool status_of(unsigned number, WorkerStatus *status);

/*
 * What all have counted, and what those that run have now.  Servers are the same by side and address.
 * The answer is how many run.
 */
extern unsigned status_sum(WorkerStatus *sum);

#endif /* GATEWAY_LOOP_STATUS_H */
