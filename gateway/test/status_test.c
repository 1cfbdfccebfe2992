/*
 * status_test.c: what several workers have counted, and what stays of one that ends
 */
#include "gateway_test.h"

#include <stdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/status.h"

static void
set_server(WorkerStatus *status, Side side, const char *address, uint64_t number)
{
	ServerStatus *server = &status->servers[status->server_count++];

	*server = (ServerStatus){.side = side,
							 .outstanding = number,
							 .idle = number,
							 .ejected = number > 5,
							 .requests = 10 * number,
							 .failures = number};
	snprintf(server->address, sizeof(server->address), "%s", address);
}

/* As worker i: 1 of everything in the first, 2 in the second …, and three servers. */
static void
publish(unsigned i)
{
	WorkerStatus status = {.counters = {.requests = i + 1, .answers = {[2] = i + 1}, .retries = i},
						   .gauges = {.connections = i + 1, .idle = {[SIDE_GRAY] = i + 1}}};

	set_server(&status, SIDE_PRODUCTION, "127.0.0.1:1", i + 1);
	set_server(&status, SIDE_GRAY, "127.0.0.1:1", i + 3);
	set_server(&status, SIDE_GRAY, i == 0 ? "one" : "other", i + 5);
	status_publish(&status);
}

static void
check_server(const ServerStatus *server, Side side, const char *address, uint64_t now,
			 uint64_t counted, uint64_t ejected)
{
	ck_assert_int_eq(server->side, side);
	ck_assert_str_eq(server->address, address);
	ck_assert_uint_eq(server->outstanding, now);
	ck_assert_uint_eq(server->idle, now);
	ck_assert_uint_eq(server->requests, 10 * counted);
	ck_assert_uint_eq(server->failures, counted);
	ck_assert_uint_eq(server->ejected, ejected);
}

START_TEST(test_sum)
{
	static WorkerStatus sum;
	static WorkerStatus one;

	ck_assert_uint_eq(status_sum(&sum), 0);
	ck_assert_uint_eq(status_last()->server_count, 0);
	ck_assert(status_open(3));
	for (unsigned i = 0; i < 2; i++)
	{
		status_join(i);
		publish(i);
	}
	ck_assert_uint_eq(status_sum(&sum), 2);
	ck_assert_uint_eq(sum.counters.requests, 3);
	ck_assert_uint_eq(sum.counters.answers[2], 3);
	ck_assert_uint_eq(sum.counters.retries, 1);
	ck_assert_uint_eq(sum.gauges.connections, 3);
	ck_assert_uint_eq(sum.gauges.idle[SIDE_GRAY], 3);
	ck_assert_uint_eq(sum.server_count, 4);
	check_server(&sum.servers[0], SIDE_PRODUCTION, "127.0.0.1:1", 3, 3, 0);
	check_server(&sum.servers[1], SIDE_GRAY, "127.0.0.1:1", 7, 7, 0);
	check_server(&sum.servers[2], SIDE_GRAY, "one", 5, 5, 0);
	check_server(&sum.servers[3], SIDE_GRAY, "other", 6, 6, 1);

	/* The second ends, and another one counts on in its place. */
	status_left(1);
	status_parent_lost(7);
	ck_assert_uint_eq(status_sum(&sum), 1);
	ck_assert_uint_eq(sum.counters.requests, 3);
	ck_assert_uint_eq(sum.counters.log_lost, 7);
	ck_assert_uint_eq(sum.gauges.connections, 1);
	check_server(&sum.servers[0], SIDE_PRODUCTION, "127.0.0.1:1", 1, 3, 0);
	check_server(&sum.servers[3], SIDE_GRAY, "other", 0, 6, 0);
	status_join(1);
	ck_assert_uint_eq(status_last()->counters.requests, 2);
	ck_assert_uint_eq(status_last()->servers[0].requests, 20);
	ck_assert_uint_eq(status_last()->gauges.connections, 0);
	ck_assert_uint_eq(status_sum(&sum), 2);

	ck_assert(status_of(1, &one));
	ck_assert_int_eq(one.pid, getpid());
	ck_assert(status_of(2, &one));
	ck_assert_int_eq(one.pid, 0);
	ck_assert(!status_of(3, &one));
}
END_TEST

/* A reader never sees half of what was written, while another process writes. */
START_TEST(test_whole)
{
	static WorkerStatus status;
	pid_t				writer;

	ck_assert(status_open(1));
	writer = fork();
	if (writer == 0)
	{
		status_join(0);
		for (uint64_t i = 1;; i++)
		{
			status.counters.requests = status.gauges.in_flight = i;
			status.server_count = STATUS_SERVERS_MAX;
			status.servers[STATUS_SERVERS_MAX - 1].requests = i;
			status_publish(&status);
			usleep(50);
		}
	}
	while (status_of(0, &status) && status.counters.requests < 500)
	{
		ck_assert_uint_eq(status.gauges.in_flight, status.counters.requests);
		ck_assert_uint_eq(status.servers[STATUS_SERVERS_MAX - 1].requests, status.counters.requests);
	}
	kill(writer, SIGKILL);
	ck_assert_int_eq(waitpid(writer, NULL, 0), writer);
}
END_TEST

TCase *
status_cases(void)
{
	TCase *cases = tcase_create("status");

	tcase_add_test(cases, test_sum);
	tcase_add_test(cases, test_whole);
	return cases;
}
