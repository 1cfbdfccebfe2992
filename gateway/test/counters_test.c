/*
 * counters_test.c: how many requests have a uid, and where
 */
#include "gateway_test.h"

#include <string.h>

#include "loop/counters.h"

static void
count(Counters *counters, UidType type, UidResult result, unsigned place, unsigned refused,
	  const char *bytes)
{
	Uid uid = {.length = strlen(bytes), .place = (uint8_t) place, .refused = (uint8_t) refused};

	strcpy(uid.bytes, bytes);
	counters_add_uid(counters, type, result, &uid);
	ck_assert_str_eq(uid.bytes, bytes);
}

START_TEST(test_tally)
{
	Counters counters = {0};
	Uid		 uid = {.length = 3, .bytes = "042"};

	count(&counters, UID_BIGINT, UID_FOUND, 0, 0, "42");
	count(&counters, UID_BIGINT, UID_FOUND, 0, 0, "x");
	count(&counters, UID_UNKNOWN, UID_FOUND, 0, 0, "x");
	count(&counters, UID_BIGINT, UID_FOUND, 2, 3, "42");
	count(&counters, UID_BIGINT, UID_NONE, 7, 0, "");
	count(&counters, UID_BIGINT, UID_NONE, 7, 128, "");
	count(&counters, UID_BIGINT, UID_UNCLEAR, 1, 0, "");
	count(&counters, UID_BIGINT, UID_ASK, 3, 0, "a session");
	counters_add_found(&counters, UID_BIGINT, 3, &uid);
	counters_add_found(&counters, UID_BIGINT, 3, NULL);
	ck_assert_uint_eq(counters.uid_none, 1);
	ck_assert_uint_eq(counters.uid_good[0], 2);
	ck_assert_uint_eq(counters.uid_bad[0], 2);
	ck_assert_uint_eq(counters.uid_good[1], 0);
	ck_assert_uint_eq(counters.uid_bad[1], 2);
	ck_assert_uint_eq(counters.uid_good[2], 1);
	ck_assert_uint_eq(counters.uid_good[3], 1);
	ck_assert_uint_eq(counters.uid_bad[3], 1);
	ck_assert_uint_eq(counters.uid_bad[7], 1);
	counters.requests = 9;
	counters_clear_uids(&counters);
	ck_assert_uint_eq(counters.uid_none + counters.uid_good[0] + counters.uid_bad[7], 0);
	ck_assert_uint_eq(counters.requests, 9);
}
END_TEST

TCase *
counters_cases(void)
{
	TCase *tcase = tcase_create("counters");

	tcase_add_test(tcase, test_tally);
	return tcase;
}
