/*
 * connection_test.c: what a connection keeps of either direction, and when its owner is told
 */
#include "gateway_test.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/connection.h"

#define MUCH (4 << 20) /* more than sockets take */

static Settings	  settings = {.buffer_bytes = 65536};
static Loop		  loop = {.settings = &settings};
static Connection connection;
static int		  peer;

/* What its owner was told, and how it behaves. */
static char			 came[64]; /* each time with a bar behind it */
static size_t		 takes;	   /* of the bytes that come */
static ChannelResult last;
static unsigned		 drained;
static unsigned		 deaf;
static short		 stirred;
static bool			 closes;
static bool			 feeds;

static void
on_readable(void *owner)
{
	last = connection_receive(owner);
}

static size_t
on_bytes(void *owner, const char *bytes, size_t length)
{
	strncat(strncat(came, bytes, length), "|", 2);
	if (closes)
		connection_close(owner, false);
	if (feeds)
		connection_feed(owner);
	return length < takes ? length : takes;
}

static void
on_drained(void *owner)
{
	(void) owner;
	drained++;
}

static void
on_deaf(void *owner)
{
	(void) owner;
	deaf++;
}

static void
on_opening(void *owner)
{
	((Connection *) owner)->opening = false;
}

static void
on_stirred(void *owner, short events)
{
	(void) owner;
	stirred = events;
}

static const ConnectionHandlers handlers = {
	.readable = on_readable,
	.bytes = on_bytes,
	.drained = on_drained,
	.deaf = on_deaf,
	.opening = on_opening,
	.stirred = on_stirred,
};

static void
set_up(void)
{
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	peer = pair[1];
	loop.base = event_base_new();
	connection = (Connection){0};
	connection_init(&connection, &loop, pair[0], &handlers, &connection);
	takes = SIZE_MAX;
}

static void
tear_down(void)
{
	if (!connection.closed)
		connection_close(&connection, false);
	connection_free(&connection);
	close(peer);
	event_base_free(loop.base);
}

static void
turn(void)
{
	event_base_loop(loop.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
say(const char *text)
{
	ck_assert_int_eq(send(peer, text, strlen(text), 0), (ssize_t) strlen(text));
	turn();
}

/* All that has come at the other side by now. */
static size_t
arrived(void)
{
	static char bytes[65536];
	size_t		all = 0;
	ssize_t		got;

	while ((got = recv(peer, bytes, sizeof(bytes), 0)) > 0)
		all += (size_t) got;
	return all;
}

START_TEST(test_unused_bytes_come_again)
{
	connection_want_reading(&connection, true);
	takes = 2;
	say("abc");
	say("de");
	ck_assert_str_eq(came, "abc|cde|");
	takes = SIZE_MAX;
	connection_feed(&connection);
	connection_feed(&connection);
	ck_assert_str_eq(came, "abc|cde|e|");
}
END_TEST

START_TEST(test_no_feeding_within_feeding)
{
	connection_want_reading(&connection, true);
	takes = 0;
	say("a");
	feeds = true;
	takes = SIZE_MAX;
	say("b");
	ck_assert_str_eq(came, "a|ab|");
}
END_TEST

START_TEST(test_reads_only_when_wanted)
{
	say("a");
	ck_assert_str_eq(came, "");
	connection_want_reading(&connection, true);
	turn();
	ck_assert_str_eq(came, "a|");
	connection_want_reading(&connection, false);
	say("b");
	ck_assert_str_eq(came, "a|");
}
END_TEST

START_TEST(test_owner_may_close)
{
	connection_want_reading(&connection, true);
	closes = true;
	takes = 0;
	say("abc");
	ck_assert(connection.closed);
	ck_assert_uint_eq(buffer_length(&connection.in), 0);
}
END_TEST

START_TEST(test_end_is_told)
{
	connection_want_reading(&connection, true);
	shutdown(peer, SHUT_WR);
	turn();
	ck_assert_int_eq(last, CHANNEL_END);
	ck_assert_str_eq(came, "");
}
END_TEST

START_TEST(test_rest_waits)
{
	static char bytes[MUCH];
	size_t		all = 0;

	connection_send(&connection, bytes, MUCH);
	ck_assert(connection_blocked(&connection));
	connection_send(&connection, "x", 1);
	connection_shut(&connection);
	for (int i = 0; i < MUCH && drained == 0; i++)
	{
		all += arrived();
		turn();
	}
	all += arrived();
	ck_assert_uint_eq(all, MUCH + 1);
	ck_assert_uint_eq(connection.given, MUCH + 1);
	ck_assert(!connection_blocked(&connection));
	ck_assert_uint_eq(drained, 1);
	ck_assert_int_eq(recv(peer, bytes, 1, 0), 0); /* an end, which did not come before */
}
END_TEST

START_TEST(test_nothing_waits_that_went)
{
	connection_send(&connection, "abc", 3);
	turn();
	ck_assert(!connection_blocked(&connection));
	ck_assert_uint_eq(arrived(), 3);
	ck_assert_uint_eq(drained, 0);
	ck_assert(connection.sent);
}
END_TEST

START_TEST(test_waits_until_open)
{
	connection.opening = true;
	connection_send(&connection, "abc", 3);
	connection_post(&connection, "def", 3);
	ck_assert_uint_eq(arrived(), 0);
	connection_want_writing(&connection, true);
	turn();
	ck_assert_uint_eq(arrived(), 6);
	ck_assert_uint_eq(drained, 1);
	ck_assert_ptr_null(connection.write_event);
}
END_TEST

START_TEST(test_deaf_but_readable)
{
	ck_assert_int_eq(send(peer, "last words", 10, 0), 10);
	close(peer);
	peer = -1;
	connection_send(&connection, "abc", 3);
	connection_send(&connection, "def", 3);
	ck_assert_uint_eq(deaf, 1);
	ck_assert(!connection_blocked(&connection));
	connection_want_reading(&connection, true);
	turn();
	ck_assert_str_eq(came, "last words|");
}
END_TEST

START_TEST(test_watched_is_not_read)
{
	connection_watch(&connection);
	say("a");
	shutdown(peer, SHUT_WR);
	turn();
	ck_assert(stirred != 0);
	ck_assert_str_eq(came, "");
	connection_want_reading(&connection, true);
	turn();
	ck_assert_str_eq(came, "a|");
}
END_TEST

TCase *
connection_cases(void)
{
	TCase *tcase = tcase_create("connection");

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, test_unused_bytes_come_again);
	tcase_add_test(tcase, test_no_feeding_within_feeding);
	tcase_add_test(tcase, test_reads_only_when_wanted);
	tcase_add_test(tcase, test_owner_may_close);
	tcase_add_test(tcase, test_end_is_told);
	tcase_add_test(tcase, test_rest_waits);
	tcase_add_test(tcase, test_nothing_waits_that_went);
	tcase_add_test(tcase, test_waits_until_open);
	tcase_add_test(tcase, test_deaf_but_readable);
	tcase_add_test(tcase, test_watched_is_not_read);
	return tcase;
}
