/*
 * stream_test.c: what is waited for, what is ended, and what comes again
 */
#include "gateway_test.h"

#include <stdio.h>
#include <string.h>

#include "http/message.h"
#include "journey/stream.h"

static const struct
{
	StreamFacts facts;
	uint64_t	patience_ms;
	StreamFate	fate;
} fates[] = {
	/* begun, endless, repeatable, age */
	{{true, false, true, 4999}, 5000, STREAM_STAYS},
	{{true, false, true, 5000}, 5000, STREAM_ENDS},
	{{true, false, false, 9000}, 5000, STREAM_ENDS},
	{{true, true, true, 0}, 5000, STREAM_ENDS},
	{{true, true, false, 0}, 5000, STREAM_ENDS},
	{{false, false, true, 4999}, 5000, STREAM_STAYS},
	{{false, false, true, 5000}, 5000, STREAM_COMES_AGAIN},
	{{false, false, false, 5000}, 5000, STREAM_STAYS},
	/* the patience is at its end */
	{{true, false, true, 0}, 0, STREAM_ENDS},
	{{false, false, true, 0}, 0, STREAM_COMES_AGAIN},
	{{false, false, false, 9000}, 0, STREAM_STAYS},
};

START_TEST(test_fate)
{
	ck_assert_int_eq(stream_fate(&fates[_i].facts, fates[_i].patience_ms), fates[_i].fate);
}
END_TEST

static const struct
{
	const char *fields;
	bool		endless;
} answers[] = {
	{"Content-Type: text/event-stream\r\n", true},
	{"content-type: Text/Event-Stream;charset=utf-8\r\n", true},
	{"Content-Type:\t text/event-stream \r\n", true},
	{"Content-Type: text/event-streams\r\n", false},
	{"Content-Type: text/plain; text/event-stream\r\n", false},
	{"Content-Type:\r\n", false},
	{"X-Content-Type: text/event-stream\r\n", false},
	{"", false},
};

START_TEST(test_endless)
{
	Message		message = {0};
	Head		head;
	const char *problem;
	char		text[256];

	snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n%s\r\n", answers[_i].fields);
	ck_assert_int_eq(message_response_head(&message, text, strlen(text), false, &head, &problem),
					 HEAD_COMPLETE);
	ck_assert_int_eq(stream_endless(&head), answers[_i].endless);
	message_free(&message);
}
END_TEST

TCase *
stream_cases(void)
{
	TCase *cases = tcase_create("stream");

	tcase_add_loop_test(cases, test_fate, 0, sizeof(fates) / sizeof(fates[0]));
	tcase_add_loop_test(cases, test_endless, 0, sizeof(answers) / sizeof(answers[0]));
	return cases;
}
