/*
 * worker.c: runs one event loop with everything that lives in it
 */
#include "process/worker.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/grave.h"
#include "base/log.h"
#include "journey/journey.h"
#include "journey/mover.h"
#include "lookup/lookup.h"
#include "loop/status.h"
#include "net/batch.h"
#include "net/descriptors.h"
#include "net/names.h"
#include "net/ticket.h"
#include "process/admin.h"
#include "process/door.h"
#include "process/listener.h"
#include "process/readiness.h"
#include "process/reload.h"
#include "process/systemd.h"
#include "proxy/access_log.h"
#include "proxy/client.h"
#include "proxy/exchange.h"
#include "proxy/outbox.h"
#include "proxy/pool.h"
#include "proxy/splice.h"
#include "roster/keeper.h"
#include "roster/watch.h"

#define SWEEP_MS 250

static void
sweep_clients(Worker *worker, uint64_t now_ms)
{
	Client *client = LIST_FIRST(&worker->proxy.clients);

	while (client != NULL)
	{
		Client *next = client_next(client);

		client_sweep(client, now_ms);
		client = next;
	}
}

static void
close_idle_clients(Worker *worker)
{
	Client *next;

	for (Client *client = LIST_FIRST(&worker->proxy.clients); client != NULL; client = next)
	{
		next = client_next(client);
		client_close_idle(client);
	}
}

/* Is there a roster to route by, or a policy for serving without a roster? */
static bool
may_serve(Worker *worker)
{
	if (watch_current(worker->proxy.watch))
		return true;
	return watch_away(worker->proxy.watch) &&
		   (watch_use_file(worker->proxy.watch) ||
			worker->loop.settings->without_roster != WITHOUT_ROSTER_WAIT);
}

static void
say_policy(const Worker *worker)
{
	if (watch_roster(worker->proxy.watch) == NULL)
		log_warning("release %s: serving without a roster: requests with a uid %s",
					worker->loop.settings->release,
					worker->loop.settings->without_roster == WITHOUT_ROSTER_PRODUCTION
						? "go to production, whoever is in gray"
						: "get 503");
}

static void
fail(Worker *worker)
{
	worker->failed = true;
	worker->stopped = true;
	event_base_loopbreak(worker->loop.base);
}

static void
begin_to_listen(Worker *worker)
{
	say_policy(worker);
	if (!door_open_ports(worker->door))
	{
		fail(worker);
		return;
	}
	worker->listening = true;
	listener_accept_ports(worker->listener);
}

static void
publish(const Worker *worker)
{
	WorkerStage stage = WORKER_WAITING;

	if (worker->listening)
		stage = watch_current(worker->proxy.watch) ? WORKER_READY : WORKER_UNSURE;
	readiness_set(worker->readiness, worker->number, stage);
}

/*
 * Use the sockets that the workers share. The parent opens them; a worker without a parent opens
 * them itself.
 */
static void
follow_parent(Worker *worker)
{
	bool alone = worker->loop.settings->workers == 1;
	int	 admin;

	if (alone && worker->listening && !readiness_is_open(worker->readiness) &&
		!door_open_rest(worker->door, worker->readiness))
		fail(worker);
	if (readiness_is_open(worker->readiness) && worker->listening)
		listener_accept_paths(worker->listener);
	if (worker->admin != NULL || !door_has_admin(worker->door))
		return;
	admin = door_admin_socket(worker->door, worker->readiness);
	if (admin >= 0)
		worker->admin = admin_new(worker, admin);
}

/* Look again at the roster: it may have become current, or may be current no more. */
static void
look(void *context)
{
	Worker *worker = context;

	if (worker->loop.stopping || worker->stopped)
		return;
	if (!worker->listening && may_serve(worker))
		begin_to_listen(worker);
	publish(worker);
	follow_parent(worker);
}

/* This timer checks all timeouts of the process. */
static void
on_sweep(evutil_socket_t fd, short what, void *context)
{
	Worker	*worker = context;
	uint64_t now_ms = clock_now_ms();

	(void) fd;
	(void) what;
	sweep_clients(worker, now_ms);
	pools_sweep(worker->proxy.pools, now_ms);
	journeys_sweep(worker->proxy.journeys, now_ms);
	mover_sweep(worker->mover, now_ms);
	lookups_sweep(worker->proxy.lookups, now_ms);
	descriptors_look(worker->loop.settings);
	listener_resume(worker->listener);
	admin_resume(worker->admin);
	look(worker);
	if (worker->keeper != NULL)
		keeper_sweep(worker->keeper, now_ms);
	access_log_flush();
	log_flush();
	ticket_advance(now_ms);
	if (worker->admin != NULL)
		admin_publish(worker);
	if (worker->loop.stopping && now_ms > worker->stop_idle_ms)
	{
		journeys_stop(worker->proxy.journeys, false);
		close_idle_clients(worker);
	}
	if (worker->loop.stopping && now_ms > worker->stop_deadline_ms)
	{
		log_warning("stopping with %zu requests unfinished", worker->proxy.in_flight);
		worker->stopped = true;
	}
}

/*
 * The worker answers clients that the kernel has accepted, and requests that are on their way on a
 * connection kept alive: the clients could not know of the stop. Connection: close tells them.
 */
static void
on_stop(evutil_socket_t signal_number, short what, void *context)
{
	Worker	*worker = context;
	uint64_t now_ms = clock_now_ms();

	(void) what;
	if (worker->loop.stopping)
		return;
	log_info("signal %d: finishing %zu requests", (int) signal_number, worker->proxy.in_flight);
	systemd_notify("STOPPING=1");
	listener_stop(worker->listener);
	if (worker->admin != NULL)
		admin_step_aside(worker->admin);
	worker->loop.stopping = true;
	worker->stop_deadline_ms = now_ms + worker->loop.settings->stop_timeout_ms;
	worker->stop_idle_ms = now_ms + worker->loop.settings->stop_idle_ms;
	journeys_stop(worker->proxy.journeys, true);
}

static void
on_reload(evutil_socket_t signal_number, short what, void *context)
{
	Worker *worker = context;
	bool	serves = readiness_is_open(worker->readiness);

	(void) signal_number;
	(void) what;
	if (serves)
		systemd_notify_reloading();
	reload_worker(&worker->proxy);
	if (serves)
		systemd_notify("READY=1");
}

static void
on_names_changed(void *context)
{
	reload_servers(context);
}

static void
on_client_left(void *context)
{
	listener_resume(((Worker *) context)->listener);
}

/*
 * Handlers of the watch
 */

static void
on_read(void *context)
{
	journeys_reconsider(((Worker *) context)->proxy.journeys);
}

static void
on_sessions(void *context)
{
	lookups_hint(((Worker *) context)->proxy.lookups);
}

static void
on_session(void *context, unsigned group)
{
	lookups_hint_group(((Worker *) context)->proxy.lookups, group);
}

static void
on_connected(void *context)
{
	lookups_forget(((Worker *) context)->proxy.lookups);
}

static const WatchHandlers watch_handlers = {
	.read = on_read,
	.changed = look,
	.sessions = on_sessions,
	.session = on_session,
	.connected = on_connected,
};

/* Open all parts that clients and requests share. */
static void
open_proxy(Worker *worker)
{
	Loop  *loop = &worker->loop;
	Proxy *proxy = &worker->proxy;

	proxy->loop = loop;
	proxy->client_left = on_client_left;
	proxy->context = worker;
	LIST_INIT(&proxy->clients);
	proxy->pools = pools_new(loop);
	names_start(loop->base, loop->settings, on_names_changed, proxy);
	reload_servers(proxy);
	pool_count_on(proxy->pools->sides[SIDE_PRODUCTION], SIDE_PRODUCTION, status_last());
	pool_count_on(proxy->pools->sides[SIDE_GRAY], SIDE_GRAY, status_last());
	proxy->watch = watch_new(loop, &watch_handlers, worker);
	worker->mover = mover_new(loop, proxy->watch);
	proxy->journeys = journeys_new(loop, proxy->watch, worker->mover);
	proxy->lookups = lookups_new(loop, proxy->watch);
}

static void
open_worker(Worker *worker)
{
	struct timeval interval = {.tv_usec = SWEEP_MS * 1000};
	const int	   signals[] = {SIGTERM, SIGINT};

	descriptors_look(worker->loop.settings);
	worker->loop.base = event_base_new();
	worker->loop.counters = status_last()->counters;
	open_proxy(worker);
	worker->listener = listener_new(&worker->proxy, worker->door);
	if (worker->number == 0)
		worker->keeper = keeper_new(&worker->loop, worker->proxy.watch);

	event_assign(&worker->sweep_event, worker->loop.base, -1, EV_PERSIST, on_sweep, worker);
	event_add(&worker->sweep_event, &interval);
	for (size_t i = 0; i < 2; i++)
	{
		evsignal_assign(&worker->stop_events[i], worker->loop.base, signals[i], on_stop, worker);
		evsignal_add(&worker->stop_events[i], NULL);
	}
	evsignal_assign(&worker->reload_event, worker->loop.base, SIGHUP, on_reload, worker);
	evsignal_add(&worker->reload_event, NULL);
	batch_use(worker->loop.settings->batch_sends);
	watch_start(worker->proxy.watch);
	follow_parent(worker);
}

static void
close_worker(Worker *worker)
{
	if (worker->keeper != NULL)
		keeper_free(worker->keeper);
	while (!LIST_EMPTY(&worker->proxy.clients))
		client_close(LIST_FIRST(&worker->proxy.clients));
	grave_empty();
	admin_free(worker->admin);
	listener_free(worker->listener);
	mover_free(worker->mover);
	lookups_free(worker->proxy.lookups);
	journeys_free(worker->proxy.journeys);
	watch_free(worker->proxy.watch);
	pools_free(worker->proxy.pools);
	names_close();
	splice_close();
	batch_close();
	outbox_close();
	access_log_close();
	grave_close();
	event_del(&worker->sweep_event);
	for (size_t i = 0; i < 2; i++)
		evsignal_del(&worker->stop_events[i]);
	evsignal_del(&worker->reload_event);
	event_base_free(worker->loop.base);
}

/* Ignore the signals: the process is ending, and another signal must not kill it. */
static void
ignore_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
}

int
worker_run(Settings *settings, Door *door, Readiness *readiness, unsigned number)
{
	Worker	 worker = {.loop = {.settings = settings},
					   .door = door,
					   .readiness = readiness,
					   .number = number};
	sigset_t none;

	open_worker(&worker);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	while (!worker.stopped && !(worker.loop.stopping && worker.proxy.client_count == 0))
	{
		if (event_base_loop(worker.loop.base, EVLOOP_ONCE) < 0)
			break;
		worker.loop.counters.batched_sends += batch_flush();
		grave_empty();
	}
	if (journeys_moving(worker.proxy.journeys) > 0)
		log_info("%zu moves are under way: the database makes each or gives it up, as a whole",
				 journeys_moving(worker.proxy.journeys));
	ignore_signals();
	close_worker(&worker);
	settings_free(worker.loop.settings);
	log_info("stopped");
	return worker.failed ? 1 : 0;
}
