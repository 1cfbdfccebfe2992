/*
 * decide_test.c: who is wanted in gray, and where a request goes
 */
#include "gateway_test.h"

#include <stdio.h>
#include <string.h>

#include "routing/bucket.h"
#include "user/decide.h"

static const struct
{
	State state;
	bool  want;
	Side  stuck_side;
	Route route;
} routes[] = {
	{STATE_OFF, false, SIDE_GRAY, ROUTE_PRODUCTION},
	{STATE_OFF, true, SIDE_GRAY, ROUTE_MOVE},
	{STATE_ON, true, SIDE_PRODUCTION, ROUTE_GRAY},
	{STATE_ON, false, SIDE_PRODUCTION, ROUTE_MOVE},
	{STATE_STUCK, false, SIDE_GRAY, ROUTE_GRAY},
	{STATE_STUCK, true, SIDE_PRODUCTION, ROUTE_PRODUCTION},
};

START_TEST(test_route)
{
	ck_assert_int_eq(decide_route(routes[_i].state, routes[_i].want, routes[_i].stuck_side),
					 routes[_i].route);
}
END_TEST

/*
 * The same users as in the extension's regress/sql/cohort.sql: nobody may jump
 * into or out of a percentage with a new version of either half.
 */
START_TEST(test_bucket_for_ever)
{
	static const struct
	{
		const char *release;
		unsigned	members[6]; /* of 1 .. 50, in 10 percent; ends with 0 */
	} cohorts[] = {{"v2", {17, 18, 34, 41, 47}}, {"v3", {8, 35, 44}}};
	const unsigned *next = cohorts[_i].members;

	for (unsigned id = 1; id <= 50; id++)
	{
		char uid[8];
		bool member = *next == id;

		snprintf(uid, sizeof(uid), "%u", id);
		ck_assert_int_eq(bucket_of(cohorts[_i].release, uid, strlen(uid)) < BUCKET_COUNT / 10,
						 member);
		next += member;
	}
}
END_TEST

START_TEST(test_want)
{
	Release	 release = {.name = "v2", .is_open = true};
	Span	 uid = span_of("42");
	unsigned bucket = bucket_of("v2", "42", 2);

	ck_assert(!decide_want(&release, uid, false));
	ck_assert(decide_want(&release, uid, true));
	release.percent_hundredths = bucket;
	ck_assert(!decide_want(&release, uid, false));
	release.percent_hundredths = bucket + 1;
	ck_assert(decide_want(&release, uid, false));
	release.is_open = false;
	ck_assert(!decide_want(&release, uid, true));
}
END_TEST

static const struct
{
	const char *text;
	int			hundredths; /* -1: refused */
} percents[] = {
	{"0", 0},		{"0.00", 0},	{"0.01", 1},	   {"12.50", 1250},
	{"12.5", 1250}, {"100", 10000}, {"100.00", 10000}, {"", -1},
	{"100.01", -1}, {"101", -1},	{"-1", -1},		   {".5", -1},
	{"1.2.3", -1},	{"1.234", -1},	{"x", -1},		   {"99999999999999999999", -1},
	{"NaN", -1},
};

START_TEST(test_percent)
{
	unsigned hundredths;
	bool	 good = decide_parse_percent(span_of(percents[_i].text), &hundredths);

	ck_assert_msg(good == (percents[_i].hundredths >= 0), "%s", percents[_i].text);
	if (good)
		ck_assert_int_eq((int) hundredths, percents[_i].hundredths);
}
END_TEST

TCase *
decide_cases(void)
{
	TCase *tcase = tcase_create("decide");

	tcase_add_loop_test(tcase, test_route, 0, sizeof(routes) / sizeof(routes[0]));
	tcase_add_loop_test(tcase, test_bucket_for_ever, 0, 2);
	tcase_add_test(tcase, test_want);
	tcase_add_loop_test(tcase, test_percent, 0, sizeof(percents) / sizeof(percents[0]));
	return tcase;
}
