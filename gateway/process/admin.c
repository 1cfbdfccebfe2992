/*
 * admin.c: answers the HTTP requests of operators and load balancers
 *
 * evhttp is slow, and here that does not matter.
 */
#include "process/admin.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/quote.h"
#include "journey/journey.h"
#include "journey/mover.h"
#include "lookup/lookup.h"
#include "loop/status.h"
#include "net/descriptors.h"
#include "process/door.h"
#include "process/readiness.h"
#include "proxy/access_log.h"
#include "proxy/pool.h"
#include "proxy/replay.h"
#include "roster/watch.h"

struct Admin
{
	Worker					   *worker;
	struct evhttp			   *http;
	struct evconnlistener	   *listener; /* owned by evhttp */
	struct evhttp_bound_socket *bound;
};

static void
answer(struct evhttp_request *request, int status, const char *type, struct evbuffer *body)
{
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", type);
	evhttp_send_reply(request, status, NULL, body);
	evbuffer_free(body);
}

static void
answer_text(struct evhttp_request *request, int status, const char *text)
{
	struct evbuffer *body = evbuffer_new();

	evbuffer_add_printf(body, "%s\n", text);
	answer(request, status, "text/plain", body);
}

static void
on_live(struct evhttp_request *request, void *context)
{
	(void) context;
	answer_text(request, 200, "ok");
}

/* Return why clients had better go to another gateway; NULL if there is no reason. */
static const char *
doubt(const Worker *worker)
{
	if (worker->loop.stopping)
		return "stopping";
	if (readiness_good(worker->readiness))
		return NULL;
	if (watch_roster(worker->proxy.watch) == NULL)
		return "the roster is not loaded";
	if (!watch_loaded(worker->proxy.watch))
		return "the roster is of a file";
	return watch_current(worker->proxy.watch) ? "waiting for other workers" : "the lease is over";
}

static void
on_ready(struct evhttp_request *request, void *context)
{
	Admin	   *admin = context;
	const char *why = doubt(admin->worker);

	answer_text(request, why == NULL ? 200 : 503, why == NULL ? "ok" : why);
}

static const char *
yes_no(bool yes)
{
	return yes ? "true" : "false";
}

static void
add_text(struct evbuffer *body, const char *text)
{
	Buffer quoted = {0};

	quote_append(&quoted, QUOTE_JSON, span_of(text));
	evbuffer_add(body, buffer_first(&quoted), buffer_length(&quoted));
	buffer_free(&quoted);
}

static void
collect_servers(WorkerStatus *status, Side side, const Pool *pool)
{
	unsigned	   count;
	Server *const *servers = pool_servers(pool, &count);

	for (unsigned i = 0; i < count; i++)
	{
		const Server *server = servers[i];
		ServerStatus *into = &status->servers[status->server_count++];

		*into = (ServerStatus){
			.side = side,
			.outstanding = server->outstanding,
			.idle = server->idle,
			.ejected = server->health.until_ms != 0,
			.requests = server->requests,
			.failures = server->failures,
		};
		memcpy(into->address, server->address.text, sizeof(into->address));
	}
}

void
admin_publish(const Worker *worker)
{
	static WorkerStatus status;

	status.counters = worker->loop.counters;
	status.counters.looks += watch_looks(worker->proxy.watch);
	status.counters.loads += watch_loads(worker->proxy.watch);
	status.counters.log_lost += log_lost();
	status.counters.access_log_lost += access_log_lost();
	status.gauges = (WorkerGauges){
		.connections = worker->proxy.client_count,
		.in_flight = worker->proxy.in_flight,
		.tunnels = worker->proxy.tunnels,
		.streams = journeys_streams(worker->proxy.journeys),
		.spooled_bytes = replay_spooled(),
		.held = journeys_held(worker->proxy.journeys),
		.moving = journeys_moving(worker->proxy.journeys),
		.waiting = mover_waiting(worker->mover),
		.lookups_waiting = lookups_waiting(worker->proxy.lookups),
		.lookups_known = lookups_known(worker->proxy.lookups),
		.idle = {pool_idle_count(worker->proxy.pools->sides[SIDE_PRODUCTION]),
				 pool_idle_count(worker->proxy.pools->sides[SIDE_GRAY])},
		.roster_loaded = watch_loaded(worker->proxy.watch),
		.database_connected = watch_connected(worker->proxy.watch),
		.has_lease = watch_has_lease(worker->proxy.watch),
		.stopping = worker->loop.stopping,
	};
	status.server_count = 0;
	collect_servers(&status, SIDE_PRODUCTION, worker->proxy.pools->sides[SIDE_PRODUCTION]);
	collect_servers(&status, SIDE_GRAY, worker->proxy.pools->sides[SIDE_GRAY]);
	status_publish(&status);
}

/* The release is the same for all workers. The workers' knowledge of it is almost the same. */
static void
add_release(struct evbuffer *body, Worker *worker, const WorkerStatus *sum)
{
	Roster		  *roster = watch_roster(worker->proxy.watch);
	uint64_t	   workers = worker->loop.settings->workers;
	const Release *release;
	RosterCounts   counts;

	evbuffer_add_printf(body, "  \"release\": ");
	add_text(body, worker->loop.settings->release);
	evbuffer_add_printf(body,
						",\n  \"release_known\": %s,\n  \"database_connected\": %s,\n"
						"  \"roster_loaded\": %s,\n  \"ready\": %s,\n  \"has_lease\": %s,\n  \"gateways\": %u,\n",
						yes_no(watch_release_known(worker->proxy.watch)),
						yes_no(sum->gauges.database_connected == workers),
						yes_no(sum->gauges.roster_loaded == workers), yes_no(doubt(worker) == NULL),
						yes_no(sum->gauges.has_lease == workers),
						watch_gateways(worker->proxy.watch));
	if (roster == NULL)
		return;
	release = roster_release(roster);
	counts = roster_counts(roster);
	evbuffer_add_printf(body,
						"  \"open\": %s,\n  \"percent\": %u.%02u,\n  \"stuck_side\": \"%s\",\n"
						"  \"roster\": {\"listed\": %zu, \"on\": %zu, \"failed\": %zu, \"stuck\": %zu},\n"
						"  \"looks\": %llu,\n  \"loads\": %llu,\n",
						yes_no(release->is_open), release->percent_hundredths / 100,
						release->percent_hundredths % 100, side_name(release->stuck_side),
						counts.listed, counts.on, counts.failed, counts.stuck,
						(unsigned long long) sum->counters.looks,
						(unsigned long long) sum->counters.loads);
}

static void
add_servers(struct evbuffer *body, const WorkerStatus *sum)
{
	evbuffer_add_printf(body, "  \"servers\": [");
	for (unsigned i = 0; i < sum->server_count; i++)
	{
		const ServerStatus *server = &sum->servers[i];

		evbuffer_add_printf(body, "%s\n    {\"side\": \"%s\", \"address\": ", i > 0 ? "," : "",
							side_name(server->side));
		add_text(body, server->address);
		evbuffer_add_printf(body,
							", \"outstanding\": %llu, \"idle\": %llu, \"requests\": %llu, "
							"\"failures\": %llu, \"ejected\": %s, \"ejected_by\": %llu}",
							(unsigned long long) server->outstanding,
							(unsigned long long) server->idle,
							(unsigned long long) server->requests,
							(unsigned long long) server->failures, yes_no(server->ejected > 0),
							(unsigned long long) server->ejected);
	}
	evbuffer_add_printf(body, "\n  ],\n");
}

/* Add how many requests have a uid, for each source. */
static void
add_uids(struct evbuffer *body, const Worker *worker, const WorkerStatus *sum)
{
	const Counters	 *counters = &sum->counters;
	const UidSources *sources = &worker->loop.settings->uid;

	evbuffer_add_printf(body, "  \"uids\": {\"without\": %llu, \"places\": [",
						(unsigned long long) counters->uid_none);
	for (size_t i = 0; i < sources->count; i++)
	{
		Buffer place = {0};

		uid_source_print(&sources->sources[i], &place);
		evbuffer_add_printf(body, "%s\n    {\"place\": \"%.*s\", \"with\": %llu, \"bad\": %llu}",
							i > 0 ? "," : "", (int) buffer_length(&place), buffer_first(&place),
							(unsigned long long) counters->uid_good[i],
							(unsigned long long) counters->uid_bad[i]);
		buffer_free(&place);
	}
	evbuffer_add_printf(body, "\n  ]},\n");
	evbuffer_add_printf(body,
						"  \"lookups\": {\"asked\": %llu, \"cached\": %llu, \"unanswered\": %llu, "
						"\"waiting_for_them\": %llu, \"known\": %llu},\n",
						(unsigned long long) counters->lookups_asked,
						(unsigned long long) counters->lookups_cached,
						(unsigned long long) counters->lookups_failed,
						(unsigned long long) sum->gauges.lookups_waiting,
						(unsigned long long) sum->gauges.lookups_known);
}

static void
add_numbers(struct evbuffer *body, const Worker *worker, const WorkerStatus *sum)
{
	const Counters	   *counters = &sum->counters;
	const WorkerGauges *gauges = &sum->gauges;

	evbuffer_add_printf(body,
						"  \"connections\": %llu,\n  \"in_flight\": %llu,\n  \"tunnels\": %llu,\n"
						"  \"held\": %llu,\n",
						(unsigned long long) gauges->connections,
						(unsigned long long) gauges->in_flight,
						(unsigned long long) gauges->tunnels, (unsigned long long) gauges->held);
	evbuffer_add_printf(body,
						"  \"streams\": %llu,\n  \"streams_ended\": %llu,\n  \"polls_again\": %llu,\n"
						"  \"clients_gone\": %llu,\n  \"spooled_bytes\": %llu,\n",
						(unsigned long long) gauges->streams,
						(unsigned long long) counters->streams_ended,
						(unsigned long long) counters->polls_again,
						(unsigned long long) counters->clients_gone,
						(unsigned long long) gauges->spooled_bytes);
	evbuffer_add_printf(body, "  \"idle_servers\": {\"production\": %llu, \"gray\": %llu},\n",
						(unsigned long long) gauges->idle[SIDE_PRODUCTION],
						(unsigned long long) gauges->idle[SIDE_GRAY]);
	evbuffer_add_printf(body,
						"  \"moves\": {\"running\": %llu, \"waiting\": %llu, \"done\": %llu, \"failed\": %llu, "
						"\"postponed\": %llu, \"put_off\": %llu, \"replays\": %llu},\n",
						(unsigned long long) gauges->moving, (unsigned long long) gauges->waiting,
						(unsigned long long) counters->moves_done,
						(unsigned long long) counters->moves_failed,
						(unsigned long long) counters->moves_postponed,
						(unsigned long long) counters->moves_put_off,
						(unsigned long long) counters->replays);
	evbuffer_add_printf(body, "  \"requests\": %llu,\n  \"retries\": %llu,\n  \"refused\": %llu,\n",
						(unsigned long long) counters->requests,
						(unsigned long long) counters->retries,
						(unsigned long long) counters->refused);
	evbuffer_add_printf(body,
						"  \"answers\": {\"2xx\": %llu, \"3xx\": %llu, \"4xx\": %llu, \"5xx\": %llu},\n",
						(unsigned long long) counters->answers[2],
						(unsigned long long) counters->answers[3],
						(unsigned long long) counters->answers[4],
						(unsigned long long) counters->answers[5]);
	evbuffer_add_printf(body, "  \"log_lost\": %llu,\n  \"access_log_lost\": %llu,\n",
						(unsigned long long) counters->log_lost,
						(unsigned long long) counters->access_log_lost);
	evbuffer_add_printf(body, "  \"batched_sends\": %llu,\n",
						(unsigned long long) counters->batched_sends);
	evbuffer_add_printf(body, "  \"workers\": %u,\n  \"pid\": %d,\n  \"stopping\": %s,\n",
						worker->loop.settings->workers, (int) getpid(),
						yes_no(worker->loop.stopping));
}

/* This comes behind all sums, so that a search for a name finds the sum first. */
static void
add_workers(struct evbuffer *body, unsigned running)
{
	static WorkerStatus one;

	evbuffer_add_printf(body, "  \"workers_running\": %u,\n  \"per_worker\": [", running);
	for (unsigned i = 0; status_of(i, &one); i++)
		evbuffer_add_printf(body,
							"%s\n    {\"pid\": %d, \"connections\": %llu, \"in_flight\": %llu, \"held\": %llu, "
							"\"requests\": %llu, \"roster_loaded\": %s, \"database_connected\": %s}",
							i > 0 ? "," : "", (int) one.pid,
							(unsigned long long) one.gauges.connections,
							(unsigned long long) one.gauges.in_flight,
							(unsigned long long) one.gauges.held,
							(unsigned long long) one.counters.requests,
							yes_no(one.gauges.roster_loaded > 0),
							yes_no(one.gauges.database_connected > 0));
	evbuffer_add_printf(body, "\n  ]\n");
}

static void
on_status(struct evhttp_request *request, void *context)
{
	static WorkerStatus sum;
	Admin			   *admin = context;
	struct evbuffer	   *body = evbuffer_new();
	unsigned			running;

	admin_publish(admin->worker);
	running = status_sum(&sum);
	evbuffer_add_printf(body, "{\n");
	add_release(body, admin->worker, &sum);
	add_servers(body, &sum);
	add_uids(body, admin->worker, &sum);
	add_numbers(body, admin->worker, &sum);
	add_workers(body, running);
	evbuffer_add_printf(body, "}\n");
	answer(request, 200, "application/json", body);
}

/* libevent would try again to accept the client at once, and for ever. */
static void
on_accept_failed(struct evconnlistener *listener, void *context)
{
	(void) context;
	descriptors_complain("admin: further clients wait", errno);
	evconnlistener_disable(listener);
}

/* False: libevent does not accept the socket. */
static bool
accept_on(Admin *admin, int socket)
{
	admin->bound = evhttp_accept_socket_with_handle(admin->http, socket);
	admin->listener = admin->bound != NULL ? evhttp_bound_socket_get_listener(admin->bound) : NULL;
	if (admin->listener != NULL)
		evconnlistener_set_error_cb(admin->listener, on_accept_failed);
	return admin->listener != NULL;
}

void
admin_resume(Admin *admin)
{
	if (admin != NULL && admin->listener != NULL)
		evconnlistener_enable(admin->listener);
}

Admin *
admin_new(Worker *worker, int socket)
{
	Admin *admin = memory_zeroed(sizeof(*admin));

	admin->worker = worker;
	admin->http = evhttp_new(worker->loop.base);
	evhttp_set_allowed_methods(admin->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_timeout(admin->http, 10);
	evhttp_set_max_headers_size(admin->http, 8192);
	evhttp_set_max_body_size(admin->http, 0);
	evhttp_set_cb(admin->http, "/livez", on_live, admin);
	evhttp_set_cb(admin->http, "/readyz", on_ready, admin);
	evhttp_set_cb(admin->http, "/health", on_ready, admin);
	evhttp_set_cb(admin->http, "/status", on_status, admin);
	if (!accept_on(admin, socket))
	{
		admin_free(admin);
		return NULL;
	}
	return admin;
}

void
admin_free(Admin *admin)
{
	if (admin == NULL)
		return;
	evhttp_free(admin->http);
	free(admin);
}

void
admin_step_aside(Admin *admin)
{
	int fd;

	if (!door_admin_is_port(admin->worker->door))
		return;
	evhttp_del_accept_socket(admin->http, admin->bound);
	admin->listener = NULL;
	fd = door_admin_again(admin->worker->door);
	if (fd >= 0)
		accept_on(admin, fd);
}
