/*
 * answer_user_test.c: the user whom an answer names
 */
#include "gateway_test.h"

#include <string.h>

#include "http/message.h"
#include "user/answer_user.h"

static void
parse(const char *fields, Head *head, Buffer *bytes)
{
	Message		message = {0};
	const char *problem;

	buffer_format(bytes, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n%s\r\n", fields);
	ck_assert_int_eq(message_response_head(&message, buffer_first(bytes), buffer_length(bytes),
										   false, head, &problem),
					 HEAD_COMPLETE);
}

static const struct
{
	const char *fields;
	UidType		type;
	AnswerUser	answer;
	const char *uid;
} answers[] = {
	{"", UID_INTEGER, ANSWER_USER_NONE, NULL},
	{"X-Gray-Side: 42\r\nX-User: 42\r\n", UID_INTEGER, ANSWER_USER_NONE, NULL},
	{"X-Gray-User:\r\n", UID_INTEGER, ANSWER_USER_NONE, NULL},
	{"X-Gray-User: 42\r\n", UID_INTEGER, ANSWER_USER_NAMED, "42"},
	{"x-gray-user:  042 \r\n", UID_INTEGER, ANSWER_USER_NAMED, "42"},
	{"X_Gray_User: 42\r\n", UID_INTEGER, ANSWER_USER_NONE, NULL},
	{"X-Gray-User: 42\r\nX-Gray-User: 42\r\n", UID_INTEGER, ANSWER_USER_NAMED, "42"},
	{"X-Gray-User: 42\r\nX-Gray-User: 43\r\n", UID_INTEGER, ANSWER_USER_BAD, NULL},
	{"X-Gray-User: 42, 42\r\n", UID_INTEGER, ANSWER_USER_BAD, NULL},
	{"X-Gray-User: -\r\n", UID_INTEGER, ANSWER_USER_NOBODY, NULL},
	{"X-Gray-User: -\r\n", UID_TEXT, ANSWER_USER_NOBODY, NULL},
	{"X-Gray-User: %2D\r\n", UID_TEXT, ANSWER_USER_NAMED, "-"},
	{"X-Gray-User: -5\r\n", UID_INTEGER, ANSWER_USER_NAMED, "-5"},
	{"X-Gray-User: anna\r\n", UID_INTEGER, ANSWER_USER_BAD, NULL},
	{"X-Gray-User: 99999999999\r\n", UID_INTEGER, ANSWER_USER_BAD, NULL},
	{"X-Gray-User: u7%40example.org\r\n", UID_TEXT, ANSWER_USER_NAMED, "u7@example.org"},
	{"X-Gray-User: u7@example.org\r\n", UID_TEXT, ANSWER_USER_NAMED, "u7@example.org"},
	{"X-Gray-User: a+b\r\n", UID_TEXT, ANSWER_USER_NAMED, "a+b"},
	{"X-Gray-User: 50%\r\n", UID_TEXT, ANSWER_USER_BAD, NULL},
	{"X-Gray-User: a%00\r\n", UID_TEXT, ANSWER_USER_BAD, NULL},
	{"X-Gray-User: %FF\r\n", UID_TEXT, ANSWER_USER_BAD, NULL},
	{"X-Gray-User: 42\r\n", UID_UNKNOWN, ANSWER_USER_BAD, NULL},
};

START_TEST(test_read)
{
	static Head head;
	Buffer		bytes = {0};
	Uid			uid;

	parse(answers[_i].fields, &head, &bytes);
	ck_assert_int_eq(answer_user_read(&head, answers[_i].type, &uid), answers[_i].answer);
	if (answers[_i].uid != NULL)
		ck_assert_str_eq(uid.bytes, answers[_i].uid);
	buffer_free(&bytes);
}
END_TEST

/* What is told to a server reads as what a server has told. */
START_TEST(test_append)
{
	static const char *const uids[] = {"42",  "-5",			"-",	 "u7@example.org",
									   "50%", "\xc3\xa4 b", "a\r\nb"};

	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++)
	{
		static Head head;
		Buffer		field = {0};
		Buffer		bytes = {0};
		Uid			uid;

		answer_user_append(&field, span_of(uids[i]));
		buffer_append(&field, "", 1);
		parse(buffer_first(&field), &head, &bytes);
		ck_assert_int_eq(answer_user_read(&head, UID_TEXT, &uid), ANSWER_USER_NAMED);
		ck_assert_str_eq(uid.bytes, uids[i]);
		buffer_free(&field);
		buffer_free(&bytes);
	}
}
END_TEST

static const struct
{
	const char *fields;
	bool		is_public;
} caching[] = {
	{"", false},
	{"Cache-Control: no-store\r\n", false},
	{"Cache-Control: private, max-age=60\r\n", false},
	{"Cache-Control: max-age=60, Public\r\n", true},
	{"cache-control: no-cache\r\nCache-Control: s-maxage=1\r\n", true},
	{"Cache-Control: publicly\r\nX-Cache-Control: public\r\n", false},
};

START_TEST(test_public)
{
	static Head head;
	Buffer		bytes = {0};

	parse(caching[_i].fields, &head, &bytes);
	ck_assert(answer_user_public(&head) == caching[_i].is_public);
	buffer_free(&bytes);
}
END_TEST

TCase *
answer_user_cases(void)
{
	TCase *tcase = tcase_create("answer_user");

	tcase_add_loop_test(tcase, test_read, 0, sizeof(answers) / sizeof(answers[0]));
	tcase_add_test(tcase, test_append);
	tcase_add_loop_test(tcase, test_public, 0, sizeof(caching) / sizeof(caching[0]));
	return tcase;
}
