/*
 * cookie_test.c: the gateway's own cookies: found, left out, and set; and visitors' positions
 */
#include "gateway_test.h"

#include <string.h>

#include "http/cookie.h"
#include "http/message.h"
#include "user/visitor.h"

static const char *const names[] = {"gray_user", "gray_side"};

static void
parse(const char *fields, Head *head, Buffer *bytes)
{
	Message		message = {0};
	const char *problem;

	buffer_format(bytes, "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", fields);
	ck_assert_int_eq(message_request_head(&message, buffer_first(bytes), buffer_length(bytes), head,
										  &problem),
					 HEAD_COMPLETE);
}

static const struct
{
	const char *fields;
	const char *values;	 /* of gray_user */
	const char *without; /* what is left of cookies that have some of ours */
} requests[] = {
	{"", "", ""},
	{"Cookie: a=1; b=2\r\n", "", ""},
	{"Cookie: gray_user=x\r\n", "x,", ""},
	{"cookie: a=1; gray_user=x; b=2\r\n", "x,", "Cookie: a=1; b=2\r\n"},
	{"COOKIE: gray_user=x;a=1;;\r\n", "x,", "Cookie: a=1\r\n"},
	{"Cookie: gray_user=x; gray_user=y\r\nCookie: c=3; gray_user=z\r\n", "x,y,z,",
	 "Cookie: c=3\r\n"},
	{"Cookie: gray_side=s; a=1\r\n", "", "Cookie: a=1\r\n"},
	{"Cookie: gray_user=; a\r\n", ",", "Cookie: a\r\n"},
	{"Cookie: Gray_user=x; gray_users=y; xgray_user=z; a=gray_user=w\r\n", "", ""},
	{"Cookie2: gray_user=x\r\nX-Cookie: gray_user=x\r\n", "", ""},
	{"Cookie: gray_user\r\n", "", ""},
};

START_TEST(test_request)
{
	static Head head;
	Buffer		bytes = {0};
	Buffer		values = {0};
	Buffer		without = {0};
	Span		value = {NULL, 0};

	parse(requests[_i].fields, &head, &bytes);
	while (cookie_next(&head, "gray_user", &value))
	{
		buffer_append(&values, value.bytes, value.length);
		buffer_text(&values, ",");
	}
	for (size_t i = 0; i < head.field_count; i++)
	{
		if (cookie_field_has(&head.fields[i], names, 2))
			cookie_field_without(&without, &head.fields[i], names, 2);
	}
	buffer_append(&values, "", 1);
	buffer_append(&without, "", 1);
	ck_assert_str_eq(buffer_first(&values), requests[_i].values);
	ck_assert_str_eq(buffer_first(&without), requests[_i].without);
	buffer_free(&bytes);
	buffer_free(&values);
	buffer_free(&without);
}
END_TEST

START_TEST(test_set)
{
	Buffer out = {0};

	cookie_set(&out, "gray_user", span_of("x"), 60, false);
	cookie_set(&out, "gray_user", span_of(""), 0, true);
	buffer_append(&out, "", 1);
	ck_assert_str_eq(buffer_first(&out),
					 "Set-Cookie: gray_user=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax\r\n"
					 "Set-Cookie: gray_user=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure\r\n");
	buffer_free(&out);
}
END_TEST

START_TEST(test_names)
{
	ck_assert(cookie_name_valid(span_of("__Host-gray.user")));
	ck_assert(!cookie_name_valid(span_of("")));
	ck_assert(!cookie_name_valid(span_of("a b")));
	ck_assert(!cookie_name_valid(span_of("a=b")));
	ck_assert(!cookie_name_valid(span_of("a;b")));
	ck_assert(!cookie_name_valid(span_of("\xc3\xa4")));
	ck_assert(cookie_name_secure("__Host-gray") && cookie_name_secure("__secure-gray"));
	ck_assert(!cookie_name_secure("gray__Host-"));
}
END_TEST

static const struct
{
	const char *text;
	bool		good;
	bool		wanted;
	unsigned	hundredths;
} shares[] = {
	{"off", true, false, 0},	 {"0", true, true, 0},		 {"100", true, true, 10000},
	{"12.5", true, true, 1250},	 {"0.01", true, true, 1},	 {"on", false, false, 0},
	{"100.01", false, false, 0}, {"1.234", false, false, 0}, {"-1", false, false, 0},
};

START_TEST(test_share)
{
	VisitorShare share;

	ck_assert(visitor_parse(span_of(shares[_i].text), &share) == shares[_i].good);
	if (!shares[_i].good)
		return;
	ck_assert(share.wanted == shares[_i].wanted);
	ck_assert_uint_eq(share.hundredths, shares[_i].hundredths);
	for (unsigned position = 0; position < VISITOR_POSITIONS; position++)
		ck_assert(visitor_side(&share, position) ==
				  (position < shares[_i].hundredths ? SIDE_GRAY : SIDE_PRODUCTION));
}
END_TEST

START_TEST(test_position)
{
	static const char *const bad[] = {"", "10000", "-1", "1x", " 1", "99999999999999999999999"};
	Remembered				 remembered;
	unsigned				 position;
	bool					 low = false;
	bool					 high = false;

	for (unsigned i = 0; i < VISITOR_POSITIONS; i++)
	{
		visitor_write(i, &remembered);
		ck_assert(visitor_read(&remembered, &position) && position == i);
		position = visitor_draw();
		ck_assert_uint_lt(position, VISITOR_POSITIONS);
		low = low || position < VISITOR_POSITIONS / 10;
		high = high || position >= VISITOR_POSITIONS / 10 * 9;
	}
	ck_assert(low && high);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		remembered.length = strlen(bad[i]);
		strcpy(remembered.text, bad[i]);
		ck_assert(!visitor_read(&remembered, &position));
	}
}
END_TEST

TCase *
cookie_cases(void)
{
	TCase *tcase = tcase_create("cookie");

	tcase_add_loop_test(tcase, test_request, 0, sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(tcase, test_set);
	tcase_add_test(tcase, test_names);
	tcase_add_loop_test(tcase, test_share, 0, sizeof(shares) / sizeof(shares[0]));
	tcase_add_test(tcase, test_position);
	return tcase;
}
