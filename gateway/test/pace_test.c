/*
 * pace_test.c: how many moves are let in to wait
 */
#include "gateway_test.h"

#include "journey/pace.h"

#define SECOND_US UINT64_C(1000000)

/* Moves that took so long each, one second that may be waited, and the connections. */
static const struct
{
	unsigned moves;
	uint64_t took_us;
	unsigned idle;
	unsigned working;
	size_t	 admitted; /* so many wait before the next one is refused */
} lines[] = {
	/* nothing is known yet: 20 ms are assumed */
	{0, 0, 4, 0, 200},
	{0, 0, 0, 4, 200},
	/* four of 5 ms each, all the time: 800 in a second */
	{1, 5000, 0, 4, 800},
	{100, 5000, 0, 4, 800},
	{100, 5000, 2, 2, 800},
	{100, 5000, 0, 1, 200},
	/* slow ones */
	{100, SECOND_US / 2, 0, 4, 8},
	{100, SECOND_US, 0, 4, 4},
	{100, 4 * SECOND_US, 0, 4, 1},
	{100, 4 * SECOND_US + 4000, 0, 4, 0},
	{100, 20 * SECOND_US, 0, 4, 0},
	/* an idle connection always takes one */
	{100, 20 * SECOND_US, 1, 3, 1},
	{100, 20 * SECOND_US, 4, 0, 4},
	/* all of them hang */
	{100, 5000, 0, 0, 0},
	{0, 0, 0, 0, 0},
	/* faster than can be measured */
	{100, 0, 0, 1, 1000000},
};

START_TEST(test_admits)
{
	Pace	pace = {0};
	PaceNow now = {.idle = lines[_i].idle, .working = lines[_i].working};

	for (unsigned i = 0; i < lines[_i].moves; i++)
		pace_took(&pace, lines[_i].took_us);
	while (now.waiting < 2000000 && pace_admits(&pace, &now, SECOND_US))
		now.waiting++;
	ck_assert_msg(now.waiting == lines[_i].admitted, "line %d: %zu", _i, now.waiting);
}
END_TEST

/* Moves become slow, and fast again: the line follows, neither at once nor late. */
START_TEST(test_adapts)
{
	Pace	 pace = {0};
	PaceNow	 now = {.working = 4, .waiting = 100};
	unsigned slow = 0;
	unsigned fast = 0;

	for (unsigned i = 0; i < 100; i++)
		pace_took(&pace, 5000);
	ck_assert(pace_admits(&pace, &now, SECOND_US));
	for (; pace_admits(&pace, &now, SECOND_US) && slow < 1000; slow++)
		pace_took(&pace, SECOND_US / 10);
	for (; !pace_admits(&pace, &now, SECOND_US) && fast < 1000; fast++)
		pace_took(&pace, 5000);
	ck_assert_uint_ge(slow, 2);
	ck_assert_uint_le(slow, 10);
	ck_assert_uint_ge(fast, 1);
	ck_assert_uint_le(fast, 20);
}
END_TEST

TCase *
pace_cases(void)
{
	TCase *cases = tcase_create("pace");

	tcase_add_loop_test(cases, test_admits, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(cases, test_adapts);
	return cases;
}
