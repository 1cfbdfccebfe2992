/*
 * admin.c: what operators and load balancers may ask over HTTP
 *
 * evhttp is slow and that does not matter here.
 */
#include "admin.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "journey.h"
#include "memory.h"
#include "mover.h"
#include "pool.h"
#include "watch.h"

struct Admin
{
	Worker		  *worker;
	struct evhttp *http;
};

static void
answer(struct evhttp_request *request, int status, const char *type, struct evbuffer *body)
{
	evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", type);
	evhttp_send_reply(request, status, NULL, body);
	evbuffer_free(body);
}

static void
on_health(struct evhttp_request *request, void *context)
{
	Admin			*admin = context;
	struct evbuffer *body = evbuffer_new();
	bool			 stopping = admin->worker->stopping;

	evbuffer_add_printf(body, stopping ? "stopping\n" : "ok\n");
	answer(request, stopping ? 503 : 200, "text/plain", body);
}

static const char *
yes_no(bool yes)
{
	return yes ? "true" : "false";
}

static void
add_release(struct evbuffer *body, Worker *worker)
{
	Roster		  *roster = watch_roster(worker->watch);
	const Release *release;
	RosterCounts   counts;

	evbuffer_add_printf(body,
						"  \"release\": \"%s\",\n  \"release_known\": %s,\n  \"database_connected\": %s,\n"
						"  \"roster_loaded\": %s,\n  \"has_lease\": %s,\n  \"gateways\": %u,\n",
						worker->settings->release, yes_no(watch_release_known(worker->watch)),
						yes_no(watch_connected(worker->watch)), yes_no(roster != NULL),
						yes_no(watch_has_lease(worker->watch)), watch_gateways(worker->watch));
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
						(unsigned long long) watch_looks(worker->watch),
						(unsigned long long) watch_loads(worker->watch));
}

static void
add_servers(struct evbuffer *body, const Worker *worker)
{
	const char *comma = "";

	evbuffer_add_printf(body, "  \"servers\": [");
	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
	{
		unsigned	  count;
		const Server *servers = pool_servers(worker->pools[side], &count);

		for (unsigned i = 0; i < count; i++)
		{
			const Server *server = &servers[i];

			evbuffer_add_printf(body,
								"%s\n    {\"side\": \"%s\", \"address\": \"%s\", \"outstanding\": %u, "
								"\"idle\": %u, \"requests\": %llu, \"failures\": %llu, \"ejected\": %s}",
								comma, side_name(side), server->address.text, server->outstanding,
								server->idle, (unsigned long long) server->requests,
								(unsigned long long) server->failures,
								yes_no(server->health.until_ms != 0));
			comma = ",";
		}
	}
	evbuffer_add_printf(body, "\n  ],\n");
}

static void
add_numbers(struct evbuffer *body, const Worker *worker)
{
	const WorkerCounters *counters = &worker->counters;

	evbuffer_add_printf(body,
						"  \"connections\": %zu,\n  \"in_flight\": %zu,\n  \"tunnels\": %zu,\n  \"held\": %zu,\n",
						worker->client_count, worker->in_flight, worker->tunnels,
						journeys_held(worker->journeys));
	evbuffer_add_printf(body, "  \"idle_servers\": {\"production\": %u, \"gray\": %u},\n",
						pool_idle_count(worker->pools[SIDE_PRODUCTION]),
						pool_idle_count(worker->pools[SIDE_GRAY]));
	evbuffer_add_printf(body,
						"  \"moves\": {\"running\": %zu, \"waiting\": %zu, \"done\": %llu, \"failed\": %llu, "
						"\"postponed\": %llu, \"replays\": %llu},\n",
						journeys_moving(worker->journeys), mover_waiting(worker->mover),
						(unsigned long long) counters->moves_done,
						(unsigned long long) counters->moves_failed,
						(unsigned long long) counters->moves_postponed,
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
	evbuffer_add_printf(body, "  \"batched_sends\": %llu,\n",
						(unsigned long long) counters->batched_sends);
	evbuffer_add_printf(body, "  \"workers\": %u,\n  \"pid\": %d,\n  \"stopping\": %s\n",
						worker->settings->workers, (int) getpid(), yes_no(worker->stopping));
}

static void
on_status(struct evhttp_request *request, void *context)
{
	Admin			*admin = context;
	struct evbuffer *body = evbuffer_new();

	evbuffer_add_printf(body, "{\n");
	add_release(body, admin->worker);
	add_servers(body, admin->worker);
	add_numbers(body, admin->worker);
	evbuffer_add_printf(body, "}\n");
	answer(request, 200, "application/json", body);
}

Admin *
admin_new(Worker *worker, int socket)
{
	Admin *admin = memory_zeroed(sizeof(*admin));

	admin->worker = worker;
	admin->http = evhttp_new(worker->base);
	evhttp_set_allowed_methods(admin->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_timeout(admin->http, 10);
	evhttp_set_max_headers_size(admin->http, 8192);
	evhttp_set_max_body_size(admin->http, 0);
	evhttp_set_cb(admin->http, "/health", on_health, admin);
	evhttp_set_cb(admin->http, "/status", on_status, admin);
	if (evhttp_accept_socket(admin->http, socket) != 0)
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
