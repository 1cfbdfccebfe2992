/*
 * worker.h: runs one event loop with everything that lives in it
 */
#ifndef GATEWAY_PROCESS_WORKER_H
#define GATEWAY_PROCESS_WORKER_H

#include <event2/event.h>
#include <event2/event_struct.h>

#include "proxy/proxy.h"

struct Admin;
struct Door;
struct Keeper;
struct Listener;
struct Mover;
struct Readiness;

typedef struct Worker
{
	Loop			  loop;
	Proxy			  proxy; /* the worker owns its parts */
	struct Mover	 *mover;
	struct Listener	 *listener;
	struct Admin	 *admin;	 /* NULL: not configured, or not open yet */
	struct Door		 *door;		 /* borrowed, as is readiness */
	struct Readiness *readiness; /* of all workers */
	struct Keeper	 *keeper;	 /* one worker of the process has it; NULL in the other workers */
	unsigned		  number;	 /* among the workers */
	bool			  listening;
	bool			  failed; /* the worker could not listen: the process can't go on */
	struct event	  sweep_event;
	struct event	  stop_events[2];
	struct event	  reload_event;
	bool			  stopped;
	uint64_t		  stop_deadline_ms;
	uint64_t		  stop_idle_ms; /* until then, idle clients may send one more request */
} Worker;

/*
 * Serve until SIGTERM or SIGINT, then finish the requests in flight. SIGHUP replaces the settings,
 * which are consumed. Signals may be blocked before the call. The door's sockets are opened when
 * there is a roster to route by. number is the worker's number. Return the process's exit code.
 */
extern int worker_run(Settings *settings, struct Door *door, struct Readiness *readiness,
					  unsigned number);

#endif /* GATEWAY_PROCESS_WORKER_H */
