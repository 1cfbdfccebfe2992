/*
 * roster_test.c: what is known of each user
 */
#include "gateway_test.h"

#include <stdio.h>
#include <string.h>

#include "roster/roster.h"

static void
expect(const Roster *roster, const char *uid, State expected_state, bool expected_listed)
{
	State state;
	bool  listed;

	roster_find(roster, span_of(uid), &state, &listed);
	ck_assert_int_eq(state, expected_state);
	ck_assert_int_eq(listed, expected_listed);
}

START_TEST(test_one_user)
{
	Roster *roster = roster_new("v2");

	expect(roster, "42", STATE_OFF, false);
	roster_set_listed(roster, span_of("42"), true);
	expect(roster, "42", STATE_OFF, true);
	roster_set_state(roster, span_of("42"), STATE_STUCK);
	expect(roster, "42", STATE_STUCK, true);
	roster_set_listed(roster, span_of("42"), false);
	expect(roster, "42", STATE_STUCK, false);
	expect(roster, "4", STATE_OFF, false);
	expect(roster, "422", STATE_OFF, false);
	roster_free(roster);
}
END_TEST

START_TEST(test_many_users)
{
	Roster		*roster = roster_new("v2");
	RosterCounts counts;
	char		 uid[32];

	for (int i = 0; i < 100000; i++)
	{
		snprintf(uid, sizeof(uid), "user %d", i);
		roster_set_state(roster, span_of(uid), (State) (i % 4));
		roster_set_listed(roster, span_of(uid), i % 3 == 0);
	}
	for (int i = 0; i < 100000; i++)
	{
		snprintf(uid, sizeof(uid), "user %d", i);
		expect(roster, uid, (State) (i % 4), i % 3 == 0);
	}
	counts = roster_counts(roster);
	ck_assert_uint_eq(counts.on, 25000);
	ck_assert_uint_eq(counts.failed, 25000);
	ck_assert_uint_eq(counts.stuck, 25000);
	ck_assert_uint_eq(counts.listed, 33334);
	roster_free(roster);
}
END_TEST

START_TEST(test_counts)
{
	Roster *roster = roster_new("v2");

	for (int i = 0; i < 2; i++)
	{
		roster_set_state(roster, span_of("1"), STATE_ON);
		roster_set_listed(roster, span_of("1"), true);
		ck_assert_uint_eq(roster_counts(roster).on, 1);
		ck_assert_uint_eq(roster_counts(roster).listed, 1);
	}
	roster_set_state(roster, span_of("1"), STATE_OFF);
	roster_set_listed(roster, span_of("1"), false);
	ck_assert_uint_eq(roster_counts(roster).on, 0);
	ck_assert_uint_eq(roster_counts(roster).listed, 0);
	roster_free(roster);
}
END_TEST

START_TEST(test_lengths)
{
	Roster *roster = roster_new("v2");
	char	uid[UID_MAX_BYTES + 2];

	memset(uid, 'x', sizeof(uid));
	roster_set_state(roster, (Span){uid, UID_MAX_BYTES}, STATE_ON);
	roster_set_state(roster, (Span){uid, UID_MAX_BYTES + 1}, STATE_STUCK);
	ck_assert_uint_eq(roster_counts(roster).on, 1);
	ck_assert_uint_eq(roster_counts(roster).stuck, 0);
	roster_free(roster);
}
END_TEST

TCase *
roster_cases(void)
{
	TCase *tcase = tcase_create("roster");

	tcase_add_test(tcase, test_one_user);
	tcase_add_test(tcase, test_many_users);
	tcase_add_test(tcase, test_counts);
	tcase_add_test(tcase, test_lengths);
	return tcase;
}
