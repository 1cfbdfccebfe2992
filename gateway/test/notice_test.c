/*
 * notice_test.c: payloads of the notification channel
 */
#include "gateway_test.h"

#include <string.h>

#include "notice.h"

static const struct
{
	const char *payload;
	NoticeKind	kind;
	const char *uid;
	int			value; /* state, listed, open, hundredths or side */
} cases[] = {
	{"v2 state on 42", NOTICE_STATE, "42", STATE_ON},
	{"v2 state off 42", NOTICE_STATE, "42", STATE_OFF},
	{"v2 state failed a b  c ", NOTICE_STATE, "a b  c ", STATE_FAILED},
	{"v2 state stuck  42", NOTICE_STATE, " 42", STATE_STUCK},
	{"v2 cohort add 42", NOTICE_LISTED, "42", true},
	{"v2 cohort remove v2 state on 1", NOTICE_LISTED, "v2 state on 1", false},
	{"v2 switch open", NOTICE_SWITCH, NULL, true},
	{"v2 switch closed", NOTICE_SWITCH, NULL, false},
	{"v2 percent 12.50", NOTICE_PERCENT, NULL, 1250},
	{"v2 stuck_side production", NOTICE_STUCK_SIDE, NULL, SIDE_PRODUCTION},
	{"v2 stuck_side gray", NOTICE_STUCK_SIDE, NULL, SIDE_GRAY},
	{"v2 reload", NOTICE_RELOAD, NULL, 0},
	{"v2", NOTICE_RELOAD, NULL, 0},
	{"v2 ", NOTICE_RELOAD, NULL, 0},
	{"v2 state on", NOTICE_RELOAD, NULL, 0},
	{"v2 state on ", NOTICE_RELOAD, NULL, 0},
	{"v2 state gone 42", NOTICE_RELOAD, NULL, 0},
	{"v2 cohort swap 42", NOTICE_RELOAD, NULL, 0},
	{"v2 switch ajar", NOTICE_RELOAD, NULL, 0},
	{"v2 switch open wide", NOTICE_RELOAD, NULL, 0},
	{"v2 percent 200", NOTICE_RELOAD, NULL, 0},
	{"v2 news of tomorrow", NOTICE_RELOAD, NULL, 0},
	{"v3 state on 42", NOTICE_OTHER_RELEASE, NULL, 0},
	{"v22 reload", NOTICE_OTHER_RELEASE, NULL, 0},
	{"V2 reload", NOTICE_OTHER_RELEASE, NULL, 0},
	{" v2 reload", NOTICE_OTHER_RELEASE, NULL, 0},
	{"", NOTICE_OTHER_RELEASE, NULL, 0},
};

static int
value_of(const Notice *notice)
{
	switch (notice->kind)
	{
		case NOTICE_STATE:
			return notice->state;
		case NOTICE_LISTED:
			return notice->listed;
		case NOTICE_SWITCH:
			return notice->is_open;
		case NOTICE_PERCENT:
			return (int) notice->percent_hundredths;
		case NOTICE_STUCK_SIDE:
			return notice->stuck_side;
		default:
			return 0;
	}
}

START_TEST(test_parse)
{
	Notice notice = notice_parse(span_of(cases[_i].payload), "v2");

	ck_assert_msg(notice.kind == cases[_i].kind, "%s: %d", cases[_i].payload, notice.kind);
	ck_assert_msg(value_of(&notice) == cases[_i].value, "%s: %d", cases[_i].payload,
				  value_of(&notice));
	if (cases[_i].uid != NULL)
		ck_assert(span_equals(notice.uid, cases[_i].uid));
}
END_TEST

TCase *
notice_cases(void)
{
	TCase *tcase = tcase_create("notice");

	tcase_add_loop_test(tcase, test_parse, 0, sizeof(cases) / sizeof(cases[0]));
	return tcase;
}
