/*
 * hold_test.c: who finds room among the requests that wait
 */
#include "gateway_test.h"

#include "journey/hold.h"

static const struct
{
	unsigned limit;
	unsigned limit_user;
	size_t	 all;
	size_t	 own;
	bool	 begun;
	HoldRoom room;
} rooms[] = {
	{1000, 250, 0, 0, false, HOLD_ROOM},
	/* the user's own bound */
	{1000, 250, 249, 249, false, HOLD_ROOM},
	{1000, 250, 250, 250, false, HOLD_LINE_FULL},
	{1000, 250, 1000, 250, true, HOLD_LINE_FULL},
	/* the last quarter is for moves that have begun */
	{1000, 250, 749, 0, false, HOLD_ROOM},
	{1000, 250, 750, 0, false, HOLD_QUEUE_FULL},
	{1000, 250, 750, 0, true, HOLD_ROOM},
	{1000, 250, 999, 0, true, HOLD_ROOM},
	{1000, 250, 1000, 0, true, HOLD_QUEUE_FULL},
	{1000, 250, 2000, 0, true, HOLD_QUEUE_FULL},
	/* who has many finds no room where one who has few does */
	{1000, 250, 900, 50, true, HOLD_QUEUE_FULL},
	{1000, 250, 900, 49, true, HOLD_ROOM},
	{1000, 250, 700, 25, false, HOLD_QUEUE_FULL},
	{1000, 250, 700, 24, false, HOLD_ROOM},
	/* the smallest queue */
	{1, 250, 0, 0, false, HOLD_ROOM},
	{1, 250, 1, 1, true, HOLD_QUEUE_FULL},
	{1, 1, 1, 1, true, HOLD_LINE_FULL},
};

START_TEST(test_room)
{
	const Settings settings = {.hold_limit = rooms[_i].limit,
							   .hold_limit_user = rooms[_i].limit_user};
	HoldQueue	   queue = {.count = rooms[_i].all};
	HoldLine	   line;

	hold_line_init(&line);
	line.count = rooms[_i].own;
	ck_assert_int_eq(hold_room(&queue, &line, &settings, rooms[_i].begun), rooms[_i].room);
}
END_TEST

/* Users who all want as much as they get: so many, one after the other, still find room. */
START_TEST(test_shares)
{
	const Settings settings = {.hold_limit = 1000, .hold_limit_user = 250};
	HoldQueue	   queue = {0};
	unsigned	   users = 0;

	for (HoldLine line;; users++)
	{
		hold_line_init(&line);
		if (hold_room(&queue, &line, &settings, true) != HOLD_ROOM)
			break;
		while (hold_room(&queue, &line, &settings, true) == HOLD_ROOM)
		{
			queue.count++;
			line.count++;
		}
	}
	ck_assert_uint_ge(users, 10);
	ck_assert_uint_eq(queue.count, 1000);
}
END_TEST

START_TEST(test_line)
{
	HoldQueue queue = {0};
	HoldLine  one, other;
	Traveller travellers[4] = {0};

	hold_line_init(&one);
	hold_line_init(&other);
	ck_assert(hold_first(&one) == NULL && hold_last(&one) == NULL);
	for (unsigned i = 0; i < 4; i++)
		hold_add(&queue, i < 3 ? &one : &other, &travellers[i], 100 + i);
	ck_assert_uint_eq(queue.count, 4);
	ck_assert_uint_eq(one.count, 3);
	ck_assert(travellers[1].held && travellers[1].hold_deadline_ms == 101);
	ck_assert(hold_first(&one) == &travellers[0] && hold_last(&one) == &travellers[2]);
	hold_remove(&queue, &one, &travellers[1]);
	ck_assert(!travellers[1].held);
	hold_remove(&queue, &one, &travellers[2]);
	ck_assert(hold_first(&one) == &travellers[0] && hold_last(&one) == &travellers[0]);
	hold_remove(&queue, &one, &travellers[0]);
	ck_assert(hold_first(&one) == NULL && hold_first(&other) == &travellers[3]);
	ck_assert_uint_eq(queue.count, 1);
}
END_TEST

TCase *
hold_cases(void)
{
	TCase *cases = tcase_create("hold");

	tcase_add_loop_test(cases, test_room, 0, sizeof(rooms) / sizeof(rooms[0]));
	tcase_add_test(cases, test_shares);
	tcase_add_test(cases, test_line);
	return cases;
}
