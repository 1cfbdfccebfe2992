/*
 * answer_test.c: the gateway's own answers
 */
#include "gateway_test.h"

#include "http/answer.h"

#define TYPE "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 4\r\n"

static const struct
{
	unsigned	status;
	bool		keep_alive;
	unsigned	retry_after;
	bool		with_body;
	const char *answer;
} cases[] = {
	{400, false, 0, true, "HTTP/1.1 400 Bad Request\r\n" TYPE "Connection: close\r\n\r\nwhy\n"},
	{503, true, 7, true,
	 "HTTP/1.1 503 Service Unavailable\r\n" TYPE
	 "Retry-After: 7\r\nConnection: keep-alive\r\n\r\nwhy\n"},
	{504, false, 0, false, "HTTP/1.1 504 Gateway Timeout\r\n" TYPE "Connection: close\r\n\r\n"},
};

START_TEST(test_build)
{
	Buffer out = {0};

	answer_build(&out, cases[_i].status, "why", cases[_i].keep_alive, cases[_i].retry_after,
				 cases[_i].with_body);
	buffer_append(&out, "", 1);
	ck_assert_str_eq(out.bytes, cases[_i].answer);
	buffer_free(&out);
}
END_TEST

TCase *
answer_cases(void)
{
	TCase *tcase = tcase_create("answer");

	tcase_add_loop_test(tcase, test_build, 0, sizeof(cases) / sizeof(cases[0]));
	return tcase;
}
