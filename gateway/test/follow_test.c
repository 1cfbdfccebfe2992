/*
 * follow_test.c: what is read, and when
 */
#include "gateway_test.h"

#include <stdlib.h>

#include "follow_model.h"
#include "roster/follow.h"

#define PLAYS 5000

/* Many plays at random, the same each time. */
START_TEST(test_plays)
{
	uint8_t bytes[400];

	srandom((unsigned) _i + 1);
	for (int play = 0; play < PLAYS; play++)
	{
		size_t size = (size_t) random() % sizeof(bytes);

		for (size_t i = 0; i < size; i++)
			bytes[i] = (uint8_t) random();
		follow_model_play(bytes, size);
	}
}
END_TEST

static const struct
{
	const char *snapshot;
	uint64_t	transaction;
	bool		shown;
} snapshots[] = {
	{"5:5:", 4, true},
	{"5:5:", 5, false},
	{"5:9:5,7", 4, true},
	{"5:9:5,7", 5, false},
	{"5:9:5,7", 6, true},
	{"5:9:5,7", 7, false},
	{"5:9:5,7", 8, true},
	{"5:9:5,7", 9, false},
	{"4294967296:18446744073709551615:4294967297", 4294967296, true},
	{"4294967296:18446744073709551615:4294967297", 4294967297, false},
	{"", 1, false},
	{"5", 1, false},
	{"5:9", 1, false},
	{"5:x:", 1, false},
	{"5:9:5;7", 8, false},
	{"5:99999999999999999999:", 8, false},
	{"-5:9:", 1, false},
};

START_TEST(test_snapshot)
{
	ck_assert_int_eq(moved_shown(snapshots[_i].snapshot, snapshots[_i].transaction),
					 snapshots[_i].shown);
}
END_TEST

/* However many hints come, the flags are two, and reading takes a tenth of the time. */
START_TEST(test_pauses)
{
	static const struct
	{
		NewsReading reading;
		uint64_t	took_us;
		uint64_t	pause_us;
	} cases[] = {
		{NEWS_LOOK, 200, 10000},		 {NEWS_LOOK, 2000, 18000},	{NEWS_LOOK, 100000, 900000},
		{NEWS_LOOK, 30000000, 5000000},	 {NEWS_LOAD, 200, 1000000}, {NEWS_LOAD, 3000000, 27000000},
		{NEWS_LOAD, 30000000, 60000000},
	};
	News	 news = {.loaded = true};
	uint64_t now_us = 5;

	news_connected(&news);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		NewsReading reading = cases[i].reading;

		for (int hint = 0; hint < 1000; hint++)
			news_want(&news, reading);
		ck_assert_uint_le(news_due_us(&news, reading), now_us);
		news_begin(&news, reading, now_us);
		ck_assert_uint_eq(news_due_us(&news, reading), NEWS_NEVER);
		now_us += cases[i].took_us;
		news_want(&news, reading);
		news_end(&news, reading, true, now_us);
		ck_assert_uint_eq(news_due_us(&news, reading), now_us + cases[i].pause_us);
		now_us += cases[i].pause_us;
	}
}
END_TEST

/* A look that fails has everything loaded, in a while; one that succeeds wants nothing more. */
START_TEST(test_failure)
{
	News news = {.loaded = true};

	news_connected(&news);
	news_begin(&news, NEWS_LOAD, 10);
	news_end(&news, NEWS_LOAD, true, 20);
	news_begin(&news, NEWS_LOOK, 20);
	news_end(&news, NEWS_LOOK, true, 30);
	ck_assert_uint_eq(news_due_us(&news, NEWS_LOOK), NEWS_NEVER);
	ck_assert_uint_eq(news_due_us(&news, NEWS_LOAD), NEWS_NEVER);
	news_want(&news, NEWS_LOOK);
	news_begin(&news, NEWS_LOOK, 20000);
	news_end(&news, NEWS_LOOK, false, 20010);
	ck_assert_uint_eq(news_due_us(&news, NEWS_LOAD), 20010 + NEWS_RETRY_US);
	news_lost(&news);
	ck_assert_uint_eq(news_due_us(&news, NEWS_LOAD), NEWS_NEVER);
	news_connected(&news);
	ck_assert_uint_eq(news_due_us(&news, NEWS_LOAD), 0);
}
END_TEST

/* Later than any pause lasts. */
static uint64_t
next_us(void)
{
	static uint64_t now_us;

	return now_us += 100000000;
}

static FollowRow
line(const char *seen)
{
	return (FollowRow){.is_line = true,
					   .seen = span_of(seen),
					   .id = span_of("1"),
					   .uid_type = span_of("text"),
					   .release = {.is_open = true}};
}

static void
look(Follow *follow, const char *seen)
{
	FollowRow row = line(seen);

	follow_begin_look(follow, next_us());
	follow_take(follow, &row);
	follow_end_look(follow, true, next_us());
}

/* A roster with one user. */
static void
load(Follow *follow, const char *seen, State state)
{
	Version	  version = {.roster = roster_new("v2")};
	FollowRow rows[] = {line(seen), {.uid = span_of("7"), .state = state, .listed = true}};

	follow_begin_load(follow, next_us());
	version_take(&version, &rows[0]);
	version_take(&version, &rows[1]);
	follow_end_load(follow, &version, next_us());
}

static State
state_of_user(const Follow *follow)
{
	State state = STATE_OFF;
	bool  listed;

	roster_find(follow->current.roster, span_of("7"), &state, &listed);
	return state;
}

/*
 * The standby that is connected next lacks the last move, and counts transactions of its own: what
 * it has is the truth, and so is what is moved there.
 */
START_TEST(test_failover)
{
	Follow follow = {0};

	follow_connected(&follow);
	load(&follow, "900:900:", STATE_OFF);
	look(&follow, "905:905:");
	follow_told(&follow, span_of("7"), STATE_ON, 1000, follow_mark(&follow));
	ck_assert_int_eq(state_of_user(&follow), STATE_ON);
	follow_lost(&follow);

	follow_connected(&follow);
	look(&follow, "990:990:");
	load(&follow, "990:990:", STATE_OFF);
	look(&follow, "991:991:");
	ck_assert_int_eq(state_of_user(&follow), STATE_OFF);
	news_want(&follow.news, NEWS_LOOK);
	look(&follow, "1100:1100:");
	follow_lost(&follow);

	follow_connected(&follow);
	follow_told(&follow, span_of("7"), STATE_ON, 995, follow_mark(&follow));
	ck_assert_int_eq(state_of_user(&follow), STATE_ON);
	load(&follow, "994:994:", STATE_OFF);
	look(&follow, "994:994:");
	ck_assert_int_eq(state_of_user(&follow), STATE_ON);
	follow_free(&follow);
}
END_TEST

TCase *
follow_cases(void)
{
	TCase *tcase = tcase_create("follow");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_plays, 0, 4);
	tcase_add_loop_test(tcase, test_snapshot, 0, sizeof(snapshots) / sizeof(snapshots[0]));
	tcase_add_test(tcase, test_pauses);
	tcase_add_test(tcase, test_failure);
	tcase_add_test(tcase, test_failover);
	return tcase;
}
