/*
 * batch_test.c: sends that are made together say what each would have said alone
 *
 * Where io_uring is refused nothing can be posted; then that is what is tested.
 */
#include "gateway_test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/batch.h"

#define MANY 300 /* more than one call takes */

typedef struct Told
{
	Channel		  channel;
	int			  peer;
	unsigned	  times;
	size_t		  length;
	ChannelResult result;
	size_t		  sent;
	struct Told	 *next; /* whose channel is then settled, dropped or posted on */
	bool		  drops;
	bool		  posted_again;
} Told;

static Told told[MANY];
static bool posts; /* can they be, here? */

static void
on_told(void *owner, const char *bytes, size_t length, ChannelResult result, size_t sent)
{
	Told *one = owner;

	ck_assert_int_eq(bytes[0], 'a' + (int) (one - told) % 26);
	one->times++;
	one->length = length;
	one->result = result;
	one->sent = sent;
	if (one->next == NULL)
		return;
	if (one->drops)
		batch_drop(&one->next->channel);
	else
		batch_settle(&one->next->channel);
	one->posted_again = batch_post(&one->channel, "again", 5, on_told, one);
}

static bool
post(unsigned number, size_t length)
{
	static char bytes[8192];

	memset(bytes, 'a' + (int) (number % 26), sizeof(bytes));
	return batch_post(&told[number].channel, bytes, length, on_told, &told[number]);
}

/* What came at the other end; all is of one letter. */
static size_t
arrived(unsigned number)
{
	char	bytes[8192];
	ssize_t got = recv(told[number].peer, bytes, sizeof(bytes), MSG_DONTWAIT);

	for (ssize_t i = 0; i < got; i++)
		ck_assert_int_eq(bytes[i], 'a' + (int) (number % 26));
	return got < 0 ? 0 : (size_t) got;
}

static void
set_up(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	memset(told, 0, sizeof(told));
	for (unsigned i = 0; i < MANY; i++)
	{
		int ends[2];

		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
		told[i].channel.fd = ends[0];
		told[i].peer = ends[1];
	}
	batch_use(BATCH_AUTO);
	posts = post(0, 1);
	batch_flush();
	arrived(0);
	told[0].times = 0;
}

static void
tear_down(void)
{
	batch_close();
	for (unsigned i = 0; i < MANY; i++)
	{
		close(told[i].channel.fd);
		close(told[i].peer);
	}
}

START_TEST(test_off)
{
	batch_use(BATCH_OFF);
	ck_assert(!post(0, 10));
	ck_assert_uint_eq(batch_flush(), 0);
	batch_use(BATCH_AUTO);
	ck_assert_int_eq(post(0, 10), posts);
}
END_TEST

START_TEST(test_many)
{
	if (!posts)
		return;
	for (unsigned i = 0; i < MANY; i++)
		ck_assert(post(i, 1 + i % 500));
	ck_assert_uint_eq(arrived(7), 0);
	ck_assert_uint_eq(batch_flush(), MANY);
	for (unsigned i = 0; i < MANY; i++)
	{
		ck_assert_uint_eq(told[i].times, 1);
		ck_assert_int_eq(told[i].result, CHANNEL_DONE);
		ck_assert_uint_eq(told[i].sent, 1 + i % 500);
		ck_assert_uint_eq(arrived(i), 1 + i % 500);
		ck_assert_uint_eq(told[i].channel.posted, 0);
	}
	ck_assert_uint_eq(batch_flush(), 0);
}
END_TEST

/* One alone is not worth the ring. */
START_TEST(test_one)
{
	if (!posts)
		return;
	ck_assert(post(3, 10));
	ck_assert_uint_eq(batch_flush(), 0);
	ck_assert_uint_eq(told[3].times, 1);
	ck_assert_uint_eq(arrived(3), 10);
}
END_TEST

START_TEST(test_what_is_not_posted)
{
	if (!posts)
		return;
	ck_assert(!post(0, 0));
	ck_assert(!post(0, 4097));
	ck_assert(post(0, 4096));
	ck_assert(!post(0, 1)); /* one at a time on a channel */
	told[1].channel.ssl = (SSL *) &told[1];
	ck_assert(!post(1, 1));
	told[1].channel.ssl = NULL;
	for (unsigned i = 1; i < 256; i++)
		ck_assert(post(i, 4096));
	ck_assert(!post(256, 1)); /* a MiB is waiting */
	ck_assert_uint_eq(batch_flush(), 256);
	ck_assert(post(256, 1));
}
END_TEST

START_TEST(test_settled_and_dropped)
{
	if (!posts)
		return;
	for (unsigned i = 0; i < 4; i++)
		ck_assert(post(i, 10));
	batch_settle(&told[1].channel);
	ck_assert_uint_eq(told[1].times, 1);
	ck_assert_uint_eq(arrived(1), 10);
	batch_drop(&told[2].channel);
	batch_drop(&told[2].channel);
	ck_assert(post(1, 20)); /* again, behind itself */
	ck_assert_uint_eq(batch_flush(), 3);
	ck_assert_uint_eq(told[0].times, 1);
	ck_assert_uint_eq(arrived(0), 10);
	ck_assert_uint_eq(told[1].times, 2);
	ck_assert_uint_eq(arrived(1), 20);
	ck_assert_uint_eq(told[2].times, 0);
	ck_assert_uint_eq(arrived(2), 0);
	ck_assert_uint_eq(arrived(3), 10);
	for (unsigned i = 0; i < 4; i++)
		ck_assert(post(i, 10));
	for (unsigned i = 0; i < 4; i++)
		batch_drop(&told[i].channel);
	ck_assert_uint_eq(batch_flush(), 0);
	ck_assert_uint_eq(arrived(0), 0);
}
END_TEST

/* The others' sends are made, whatever comes of one. */
START_TEST(test_bad_ones)
{
	static const char filler[65536];

	if (!posts)
		return;
	while (send(told[1].channel.fd, filler, sizeof(filler), MSG_DONTWAIT) > 0)
		;
	close(told[2].peer);
	told[2].peer = -1;
	for (unsigned i = 0; i < 4; i++)
		ck_assert(post(i, 100));
	ck_assert_uint_eq(batch_flush(), 4);
	ck_assert_int_eq(told[0].result, CHANNEL_DONE);
	ck_assert_int_eq(told[1].result, CHANNEL_TO_WRITE);
	ck_assert_uint_eq(told[1].sent, 0);
	ck_assert_int_eq(told[2].result, CHANNEL_BROKEN);
	ck_assert_int_eq(told[3].result, CHANNEL_DONE);
	ck_assert_uint_eq(arrived(3), 100);
}
END_TEST

/* Who is told may end others that are to be told yet, and send again. */
START_TEST(test_told_in_turn)
{
	if (!posts)
		return;
	for (unsigned i = 0; i < 6; i++)
		ck_assert(post(i, 10));
	told[0].next = &told[3];
	told[1].next = &told[4];
	told[1].drops = true;
	told[5].next = &told[0];
	ck_assert_uint_eq(batch_flush(), 6);
	ck_assert_uint_eq(told[3].times, 1);
	ck_assert_int_eq(told[3].result, CHANNEL_DONE);
	ck_assert_uint_eq(told[4].times, 0);
	ck_assert_uint_eq(told[5].times, 1);
	for (unsigned i = 0; i < 6; i++)
	{
		ck_assert(!told[i].posted_again);
		ck_assert_uint_eq(arrived(i), 10);
	}
}
END_TEST

TCase *
batch_cases(void)
{
	TCase *cases = tcase_create("batch");

	tcase_add_checked_fixture(cases, set_up, tear_down);
	tcase_add_test(cases, test_off);
	tcase_add_test(cases, test_many);
	tcase_add_test(cases, test_one);
	tcase_add_test(cases, test_what_is_not_posted);
	tcase_add_test(cases, test_settled_and_dropped);
	tcase_add_test(cases, test_bad_ones);
	tcase_add_test(cases, test_told_in_turn);
	return cases;
}
