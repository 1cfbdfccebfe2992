/*
 * notice_test.c: payloads of the notification channel
 */
#include "gateway_test.h"

#include <string.h>

#include "roster/notice.h"

static const struct
{
	const char *payload;
	Notice		notice;
} cases[] = {
	{"v2 users", NOTICE_CHANGED},
	{"v2 release", NOTICE_CHANGED},
	{"v2 reload", NOTICE_RELOAD},
	{"v2", NOTICE_CHANGED},
	{"v2 ", NOTICE_CHANGED},
	{"v2 reload now", NOTICE_CHANGED},
	{"v2  reload", NOTICE_CHANGED},
	{"v2 state on 42", NOTICE_CHANGED},
	{"v2 news of tomorrow", NOTICE_CHANGED},
	{"v2 sessions", NOTICE_SESSIONS},
	{"v2 session ba7", NOTICE_SESSION}, /* test_group has more */
	{"v2 session ba", NOTICE_SESSIONS}, /* better all than none */
	{"v2 session ", NOTICE_SESSIONS},
	{"v2 session xyz", NOTICE_SESSIONS},
	{"v2 session", NOTICE_CHANGED},
	{"v2 sessions of mine", NOTICE_CHANGED},
	{"v3 sessions", NOTICE_OTHER_RELEASE},
	{"v3 session ba7", NOTICE_OTHER_RELEASE},
	{"v2 ping 00ff", NOTICE_PING},
	{"v2 ping ", NOTICE_PING},
	{"v2 ping", NOTICE_CHANGED},
	{"v2 pings 00ff", NOTICE_CHANGED},
	{"v3 ping 00ff", NOTICE_OTHER_RELEASE},
	{"v3 users", NOTICE_OTHER_RELEASE},
	{"v22 reload", NOTICE_OTHER_RELEASE},
	{"v", NOTICE_OTHER_RELEASE},
	{"V2 reload", NOTICE_OTHER_RELEASE},
	{" v2 reload", NOTICE_OTHER_RELEASE},
	{"", NOTICE_OTHER_RELEASE},
};

START_TEST(test_parse)
{
	unsigned group = 0;

	ck_assert_int_eq(notice_parse(span_of(cases[_i].payload), "v2", &group), cases[_i].notice);
}
END_TEST

START_TEST(test_group)
{
	static const char *const payloads[] =
		{"v2 session ba7", "v2 session BA78",
		 "v2 session ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"};

	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++)
	{
		unsigned group = 0;

		ck_assert_int_eq(notice_parse(span_of(payloads[i]), "v2", &group), NOTICE_SESSION);
		ck_assert_uint_eq(group, 0xba7);
	}
}
END_TEST

START_TEST(test_token)
{
	ck_assert(span_equals(notice_token(span_of("v2 ping 00ff"), "v2"), "00ff"));
	ck_assert(span_equals(notice_token(span_of("v2 ping "), "v2"), ""));
	ck_assert(span_equals(notice_token(span_of("v2 ping a b"), "v2"), "a b"));
}
END_TEST

TCase *
notice_cases(void)
{
	TCase *tcase = tcase_create("notice");

	tcase_add_loop_test(tcase, test_parse, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, test_group);
	tcase_add_test(tcase, test_token);
	return tcase;
}
