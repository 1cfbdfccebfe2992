/*
 * worker.h: one event loop and everything that lives in it
 */
#ifndef GATEWAY_PROCESS_WORKER_H
#define GATEWAY_PROCESS_WORKER_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdint.h>
#include <sys/queue.h>

#include "config/settings.h"
#include "routing/state.h"

struct Admin;
struct Client;
struct Door;
struct Journeys;
struct Keeper;
struct Listener;
struct Lookups;
struct Mover;
struct Pool;
struct Readiness;
struct Server;
struct Watch;

/* Plain numbers for GET /status, each a uint64_t; nothing depends on them. */
typedef struct WorkerCounters
{
	uint64_t requests;
	uint64_t answers[6]; /* by the first digit of the status */
	uint64_t refused;	 /* answers the gateway gave itself */
	uint64_t moves_done;
	uint64_t moves_failed;	  /* state failed or stuck */
	uint64_t moves_postponed; /* given up for now: time will cure it */
	uint64_t moves_put_off;	  /* due, and there was no room to wait for it */
	uint64_t replays;		  /* after a 421 */
	uint64_t retries;		  /* on another server */
	uint64_t clients_gone;	  /* before their answer began */
	uint64_t streams_ended;	  /* answers cut off because their user's data goes elsewhere */
	uint64_t polls_again;	  /* requests without an answer, sent again for that */
	uint64_t uid_none;		  /* requests in which no place has a value */
	uint64_t uid_good[UID_SOURCES_MAX]; /* by place: the request's uid is from there */
	uint64_t uid_bad[UID_SOURCES_MAX];	/* there was a value, and it is no uid */
	uint64_t lookups_cached;			/* requests whose user was known */
	uint64_t lookups_asked;				/* queries */
	uint64_t lookups_failed;			/* requests that got no answer */
	uint64_t batched_sends;				/* made together with others */
	uint64_t looks; /* these four as an earlier worker in this place had them (status.h) */
	uint64_t loads;
	uint64_t log_lost; /* lines */
	uint64_t access_log_lost;
} WorkerCounters;

typedef struct Worker
{
	struct event_base *base;
	Settings		  *settings; /* owned; a reload replaces them */
	struct Pool		  *pools[2]; /* by Side */
	struct Journeys	  *journeys;
	struct Mover	  *mover;
	struct Lookups	  *lookups;
	struct Watch	  *watch;
	struct Listener	  *listener;
	struct Admin	  *admin;	  /* NULL: not wanted, or not yet */
	struct Door		  *door;	  /* borrowed, as is readiness */
	struct Readiness  *readiness; /* of all workers */
	struct Keeper	  *keeper;	  /* in one of them; NULL in others */
	unsigned		   number;	  /* among the workers */
	bool			   listening;
	bool			   failed; /* to listen: the process can't go on */
	struct event	   sweep_event;
	struct event	   stop_events[2];
	struct event	   reload_event;
	LIST_HEAD(, Client) clients;
	LIST_HEAD(, Server) retired_servers; /* until their requests end */
	size_t		   client_count;
	size_t		   in_flight;
	size_t		   tunnels; /* of these */
	size_t		   streams; /* and, as of the last sweep, answers that last */
	bool		   stopping;
	bool		   stopped;
	uint64_t	   stop_deadline_ms;
	uint64_t	   stop_idle_ms; /* until then idle clients may send one more request */
	WorkerCounters counters;
} Worker;

/*
 * Serves until SIGTERM or SIGINT, then finishes what is in flight; SIGHUP
 * replaces the settings, which are consumed.  Signals may be blocked before.  The door's sockets
 * are opened when there is a roster to route by; it is the worker of that number.
 * The answer is the process's exit code.
 */
extern int worker_run(Settings *settings, struct Door *door, struct Readiness *readiness,
					  unsigned number);

/* What the worker's roster is worth may have changed. */
extern void worker_look(Worker *worker);

#endif /* GATEWAY_PROCESS_WORKER_H */
