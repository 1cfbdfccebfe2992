/*
 * descriptors_test.c: how many clients there may be, and what is no server's fault
 */
#include "gateway_test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "net/descriptors.h"

START_TEST(test_clients)
{
	static const struct
	{
		size_t limit;
		size_t clients;
	} cases[] = {
		{0, 0},		 {64, 16},		 {255, 63},		 {256, 128},
		{1024, 512}, {20000, 10000}, {65536, 32768}, {1048576, 524288},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_uint_eq(descriptors_clients_of(cases[i].limit), cases[i].clients);
	for (size_t clients = 1; clients < 20000; clients++)
		ck_assert_uint_ge(descriptors_clients_of(descriptors_needed(clients)), clients);
}
END_TEST

START_TEST(test_short)
{
	static const struct
	{
		int	 problem;
		bool ours;
		bool out;
	} cases[] = {
		{EMFILE, true, true},		  {ENFILE, true, true},			{ENOBUFS, true, false},
		{ENOMEM, true, false},		  {EADDRNOTAVAIL, true, false}, {EAGAIN, true, false},
		{ECONNREFUSED, false, false}, {ENOENT, false, false},		{EHOSTUNREACH, false, false},
		{ENETUNREACH, false, false},  {EACCES, false, false},		{ETIMEDOUT, false, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		ck_assert_int_eq(descriptors_short(cases[i].problem), cases[i].ours);
		ck_assert_int_eq(descriptors_out(cases[i].problem), cases[i].out);
	}
}
END_TEST

/* The last ones below the limit are not given away; the test is a process of its own. */
START_TEST(test_kept)
{
	const Settings settings = {.movers = 4};
	struct rlimit  limit;
	int			   first = dup(STDERR_FILENO);
	int			   given = 0;
	int			   left = 0;
	int			   fd;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = 100;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	descriptors_look(&settings);
	ck_assert_uint_eq(descriptors_clients(), 25);
	ck_assert(descriptors_left(STDERR_FILENO));
	while ((fd = descriptors_take(dup(STDERR_FILENO))) >= 0)
		given++;
	ck_assert_int_eq(errno, EMFILE);
	ck_assert_int_gt(given, 50);
	ck_assert(!descriptors_left(STDERR_FILENO));
	while (dup(STDERR_FILENO) >= 0)
		left++;
	ck_assert_int_eq(left, 12);
	ck_assert(!descriptors_left(STDERR_FILENO));
	ck_assert_int_eq(descriptors_take(-1), -1);
	/* Who looks for leaks needs some. */
	for (fd = first; fd < 100; fd++)
		close(fd);
}
END_TEST

TCase *
descriptors_cases(void)
{
	TCase *cases = tcase_create("descriptors");

	tcase_add_test(cases, test_clients);
	tcase_add_test(cases, test_short);
	tcase_add_test(cases, test_kept);
	return cases;
}
