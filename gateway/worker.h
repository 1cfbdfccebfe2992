/*
 * worker.h: one event loop and everything that lives in it
 */
#ifndef WORKER_H
#define WORKER_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdint.h>
#include <sys/queue.h>

#include "settings.h"
#include "state.h"

struct Admin;
struct Client;
struct Journeys;
struct Listener;
struct Mover;
struct Pool;
struct Watch;

/* Plain numbers for GET /status; nothing depends on them. */
typedef struct WorkerCounters
{
	uint64_t requests;
	uint64_t answers[6]; /* by the first digit of the status */
	uint64_t refused;	 /* answers the gateway gave itself */
	uint64_t moves_done;
	uint64_t moves_failed;	  /* state failed or stuck */
	uint64_t moves_postponed; /* given up for now: time will cure it */
	uint64_t replays;		  /* after a 421 */
	uint64_t retries;		  /* on another server */
	uint64_t batched_sends;	  /* made together with others */
} WorkerCounters;

typedef struct Worker
{
	struct event_base *base;
	Settings		  *settings;	  /* owned; a reload replaces them */
	struct Pool		  *pools[2];	  /* by Side */
	struct Pool		  *retired_pools; /* of earlier settings, until their requests end */
	struct Journeys	  *journeys;
	struct Mover	  *mover;
	struct Watch	  *watch;
	struct Listener	  *listener;
	struct Admin	  *admin; /* NULL: not wanted */
	struct event	   sweep_event;
	struct event	   stop_events[2];
	struct event	   reload_event;
	LIST_HEAD(, Client) clients;
	size_t		   client_count;
	size_t		   in_flight;
	size_t		   tunnels; /* of these */
	bool		   stopping;
	bool		   stopped;
	uint64_t	   stop_deadline_ms;
	uint64_t	   stop_idle_ms; /* until then idle clients may send one more request */
	WorkerCounters counters;
} Worker;

/*
 * Serves until SIGTERM or SIGINT, then finishes what is in flight; SIGHUP
 * replaces the settings, which are consumed.  Signals may be blocked before.  sockets (consumed) listen, one for
 * each address of settings->listen; the admin socket is -1 if there is none.
 * The answer is the process's exit code.
 */
extern int worker_run(Settings *settings, const int *sockets, int admin_socket);

#endif /* WORKER_H */
