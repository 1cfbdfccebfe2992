/*
 * limit_test.c: just within a limit and just beyond it
 */
#include "gateway_test.h"

#include <string.h>

#include "config/limit.h"

#define OPTIONS(list) \
	{ \
		.kind = FIELD_CONNECTION, .value = { list, sizeof(list) - 1 } \
	}

static const Settings settings = {
	.max_request_line_bytes = 16,
	.max_header_bytes = 40,
	.max_headers = 3,
	.max_body_bytes = 1000,
	.body_timeout_ms = 5000,
	.body_min_rate = 100,
};

static const struct
{
	const char *bytes;
	HeadResult	result;
} heads[] = {
	{"", HEAD_COMPLETE},
	{"GET / HTTP/1.1\r\n", HEAD_COMPLETE},
	{"GET /34 HTTP/1.1", HEAD_COMPLETE},
	{"GET /34 HTTP/1.1\r", HEAD_COMPLETE},
	{"GET /34 HTTP/1.1\r\n", HEAD_COMPLETE},
	{"GET /34 HTTP/1.1\r\nX", HEAD_COMPLETE},
	{"GET /345 HTTP/1.1", HEAD_LONG_LINE},
	{"GET /345 HTTP/1.1\r", HEAD_LONG_LINE},
	{"GET /345 HTTP/1.1\r\n", HEAD_LONG_LINE},
	{"GET /345678901234567890", HEAD_LONG_LINE},
	{"GET / HTTP/1.1\r\nHost: 56789012345678\r\n\r\n", HEAD_COMPLETE},
	{"GET / HTTP/1.1\r\nHost: 567890123456789\r\n\r\n", HEAD_LARGE},
	{"GET / HTTP/1.1\r\nHost: 5678901234567890123456", HEAD_LARGE},
};

START_TEST(test_bytes)
{
	const char *problem = NULL;
	HeadResult	result = limit_bytes(&settings, heads[_i].bytes, strlen(heads[_i].bytes), &problem);

	ck_assert_msg(result == heads[_i].result, "\"%s\": %d", heads[_i].bytes, result);
	ck_assert((problem == NULL) == (result == HEAD_COMPLETE));
}
END_TEST

START_TEST(test_head)
{
	static const struct
	{
		Head	   head;
		HeadResult result;
	} cases[] = {
		{{.field_count = 3}, HEAD_COMPLETE},
		{{.field_count = 4}, HEAD_LARGE},
		{{.field_count = 2, .fields = {OPTIONS("a,b"), OPTIONS("c")}}, HEAD_COMPLETE},
		{{.field_count = 2, .fields = {OPTIONS("a,"), OPTIONS(", b")}}, HEAD_LARGE},
		{{.has_length = true, .content_length = 1000}, HEAD_COMPLETE},
		{{.has_length = true, .content_length = 1001}, HEAD_LARGE_BODY},
		{{.chunked = true, .content_length = UINT64_MAX}, HEAD_COMPLETE},
	};
	const char *problem;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_int_eq(limit_head(&settings, &cases[i].head, &problem), cases[i].result);
}
END_TEST

START_TEST(test_body)
{
	Settings any = {.max_body_bytes = 0};

	ck_assert(!limit_body(&settings, 1000));
	ck_assert(limit_body(&settings, 1001));
	ck_assert(!limit_body(&any, UINT64_MAX));
}
END_TEST

/* A sweep a second: bytes in each, at which the body is too slow (0: never in these). */
START_TEST(test_slow)
{
	static const struct
	{
		unsigned bytes_a_second;
		bool	 able;
		unsigned rate;
		unsigned too_slow_at;
	} cases[] = {
		{100, true, 100, 0}, {99, true, 100, 0 /* only after 500 s */},
		{0, true, 100, 7},	 {50, true, 100, 12},
		{1, true, 100, 7},	 {0, false, 100, 0},
		{0, true, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		Settings rated = settings;
		BodyWait wait = {0};
		unsigned second = 1;

		rated.body_min_rate = cases[i].rate;
		for (; second <= 100; second++)
		{
			if (limit_slow(&rated, &wait, cases[i].able, second * 1000))
				break;
			wait.bytes += cases[i].bytes_a_second;
		}
		ck_assert_msg((second > 100 ? 0 : second) == cases[i].too_slow_at, "case %zu: at %u", i,
					  second);
	}
}
END_TEST

TCase *
limit_cases(void)
{
	TCase *cases = tcase_create("limit");

	tcase_add_loop_test(cases, test_bytes, 0, sizeof(heads) / sizeof(heads[0]));
	tcase_add_test(cases, test_head);
	tcase_add_test(cases, test_body);
	tcase_add_test(cases, test_slow);
	return cases;
}
