/*
 * worker.c: one event loop and everything that lives in it
 */
#include "worker.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "access_log.h"
#include "admin.h"
#include "batch.h"
#include "client.h"
#include "clock.h"
#include "exchange.h"
#include "grave.h"
#include "journey.h"
#include "listener.h"
#include "log.h"
#include "mover.h"
#include "pool.h"
#include "reload.h"
#include "splice.h"
#include "systemd.h"
#include "ticket.h"
#include "watch.h"
#include "wire.h"

#define SWEEP_MS 250

static void
sweep_clients(Worker *worker, uint64_t now_ms)
{
	Client *client = LIST_FIRST(&worker->clients);

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

	for (Client *client = LIST_FIRST(&worker->clients); client != NULL; client = next)
	{
		next = client_next(client);
		client_close_idle(client);
	}
}

/* All timeouts of the process are looked at here. */
static void
on_sweep(evutil_socket_t fd, short what, void *context)
{
	Worker	*worker = context;
	uint64_t now_ms = clock_now_ms();

	(void) fd;
	(void) what;
	sweep_clients(worker, now_ms);
	pool_sweep(worker->pools[SIDE_PRODUCTION], now_ms);
	pool_sweep(worker->pools[SIDE_GRAY], now_ms);
	journeys_sweep(worker->journeys, now_ms);
	mover_sweep(worker->mover, now_ms);
	listener_sweep(worker->listener);
	access_log_flush();
	ticket_advance(now_ms);
	pool_sweep_retired(&worker->retired_pools);
	if (worker->stopping && now_ms > worker->stop_idle_ms)
		close_idle_clients(worker);
	if (worker->stopping && now_ms > worker->stop_deadline_ms)
	{
		log_warning("stopping with %zu requests unfinished", worker->in_flight);
		worker->stopped = true;
	}
}

/*
 * What the kernel has accepted for us is ours to answer, and so is a request
 * that is on its way on a connection kept alive: the clients could not know.
 * They are told by Connection: close.
 */
static void
on_stop(evutil_socket_t signal_number, short what, void *context)
{
	Worker	*worker = context;
	uint64_t now_ms = clock_now_ms();

	(void) what;
	if (worker->stopping)
		return;
	log_info("signal %d: finishing %zu requests", (int) signal_number, worker->in_flight);
	systemd_notify("STOPPING=1");
	listener_stop(worker->listener);
	worker->stopping = true;
	worker->stop_deadline_ms = now_ms + worker->settings->stop_timeout_ms;
	worker->stop_idle_ms = now_ms + worker->settings->stop_idle_ms;
}

static void
on_reload(evutil_socket_t signal_number, short what, void *context)
{
	Worker *worker = context;

	(void) signal_number;
	(void) what;
	systemd_notify_reloading();
	reload_worker(worker);
	systemd_notify("READY=1");
}

static void
open_worker(Worker *worker, const int *sockets, int admin_socket)
{
	struct timeval interval = {.tv_usec = SWEEP_MS * 1000};
	const int	   signals[] = {SIGTERM, SIGINT};

	worker->base = event_base_new();
	LIST_INIT(&worker->clients);
	worker->pools[SIDE_PRODUCTION] = pool_new(worker, &worker->settings->production);
	worker->pools[SIDE_GRAY] = pool_new(worker, &worker->settings->gray);
	worker->journeys = journeys_new(worker);
	worker->mover = mover_new(worker);
	worker->watch = watch_new(worker);
	worker->listener = listener_new(worker, sockets);
	if (admin_socket >= 0)
		worker->admin = admin_new(worker, admin_socket);

	event_assign(&worker->sweep_event, worker->base, -1, EV_PERSIST, on_sweep, worker);
	event_add(&worker->sweep_event, &interval);
	for (size_t i = 0; i < 2; i++)
	{
		evsignal_assign(&worker->stop_events[i], worker->base, signals[i], on_stop, worker);
		evsignal_add(&worker->stop_events[i], NULL);
	}
	evsignal_assign(&worker->reload_event, worker->base, SIGHUP, on_reload, worker);
	evsignal_add(&worker->reload_event, NULL);
	batch_use(worker->settings->batch_sends);
	watch_start(worker->watch);
}

static void
close_worker(Worker *worker)
{
	while (!LIST_EMPTY(&worker->clients))
		client_close(LIST_FIRST(&worker->clients));
	grave_empty();
	admin_free(worker->admin);
	listener_free(worker->listener);
	mover_free(worker->mover);
	journeys_free(worker->journeys);
	watch_free(worker->watch);
	pool_free(worker->pools[SIDE_PRODUCTION]);
	pool_free(worker->pools[SIDE_GRAY]);
	pool_sweep_retired(&worker->retired_pools);
	splice_close();
	batch_close();
	wire_close();
	access_log_close();
	grave_close();
	event_del(&worker->sweep_event);
	for (size_t i = 0; i < 2; i++)
		evsignal_del(&worker->stop_events[i]);
	evsignal_del(&worker->reload_event);
	event_base_free(worker->base);
}

int
worker_run(Settings *settings, const int *sockets, int admin_socket)
{
	Worker	 worker = {.settings = settings};
	sigset_t none;

	open_worker(&worker, sockets, admin_socket);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	while (!worker.stopped && !(worker.stopping && worker.client_count == 0))
	{
		if (event_base_loop(worker.base, EVLOOP_ONCE) < 0)
			break;
		worker.counters.batched_sends += batch_flush();
		grave_empty();
	}
	close_worker(&worker);
	settings_free(worker.settings);
	log_info("stopped");
	return 0;
}
