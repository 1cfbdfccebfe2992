/*
 * head_test.c: the end of a head, and which heads are refused
 */
#include "gateway_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/message.h"

#define HEAD_TEXT "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

static const struct
{
	const char *bytes;
	HeadResult	result;
	size_t		used;
} scans[] = {
	{HEAD_TEXT, HEAD_COMPLETE, 27},
	{HEAD_TEXT "body", HEAD_COMPLETE, 27},
	{HEAD_TEXT "\nGET", HEAD_COMPLETE, 27},
	{HEAD_TEXT " body", HEAD_COMPLETE, 27},
	{HEAD_TEXT "\tbody", HEAD_COMPLETE, 27},
	{"GET / HTTP/1.1\r\nHost: h\r\n\r", HEAD_MORE, 0},
	{"GET / HTTP/1.1\r\nHost: h\r", HEAD_MORE, 0},
	{"G", HEAD_MORE, 0},
	{"GET / HTTP/1.1\n", HEAD_BAD, 0},
	{"GET / HTTP/1.1\r\nHost: h\n\r\n", HEAD_BAD, 0},
	{"GET / HTTP/1.1\r\nHost: h\r\n\n", HEAD_BAD, 0},
	{"GET / HTTP/1.1\r\nHost:\r\n h\r\n\r\n", HEAD_BAD, 0},
	{"GET / HTTP/1.1\r\n\tHost: h\r\n\r\n", HEAD_BAD, 0},
	{"GET / HTTP/1.1\rX", HEAD_BAD, 0},
	{"\n", HEAD_BAD, 0},
};

START_TEST(test_scan_at_once)
{
	size_t		scanned = 0;
	const char *problem;
	HeadResult	result = head_scan(scans[_i].bytes, strlen(scans[_i].bytes), &scanned, &problem);

	ck_assert_msg(result == scans[_i].result, "%s", scans[_i].bytes);
	ck_assert(result != HEAD_BAD || problem != NULL);
	if (result == HEAD_COMPLETE)
		ck_assert_uint_eq(scanned, scans[_i].used);
}
END_TEST

/* The same answer however the bytes come. */
START_TEST(test_scan_bytewise)
{
	size_t		scanned = 0;
	const char *problem;
	HeadResult	result = HEAD_MORE;

	for (size_t length = 1; length <= strlen(scans[_i].bytes) && result == HEAD_MORE; length++)
		result = head_scan(scans[_i].bytes, length, &scanned, &problem);
	ck_assert_msg(result == scans[_i].result, "%s", scans[_i].bytes);
	if (result == HEAD_COMPLETE)
		ck_assert_uint_eq(scanned, scans[_i].used);
}
END_TEST

/* A control character is found wherever it is among others, and no other byte is taken for one. */
START_TEST(test_scan_places)
{
	for (int byte = 0; byte < 256; byte++)
	{
		char		bytes[40];
		size_t		scanned = 0;
		const char *problem;

		memset(bytes, byte % 2 == 0 ? 'a' : '\xff', sizeof(bytes));
		bytes[_i] = (char) byte;
		ck_assert_int_eq(head_scan(bytes, sizeof(bytes), &scanned, &problem),
						 byte == '\0' || byte == '\r' || byte == '\n' ? HEAD_BAD : HEAD_MORE);
	}
}
END_TEST

START_TEST(test_scan_nul)
{
	size_t		scanned = 0;
	const char *problem;

	ck_assert_int_eq(head_scan("GET /\0", 6, &scanned, &problem), HEAD_BAD);
}
END_TEST

#define GET11 "GET / HTTP/1.1\r\nHost: h\r\n"
#define POST11 "POST / HTTP/1.1\r\nHost: h\r\n"

static const struct
{
	const char *head;
	HeadResult	result;
	bool		keep_alive;
	bool		body_follows;
} requests[] = {
	{GET11 "\r\n", HEAD_COMPLETE, true, false},
	{GET11 "Connection: close\r\n\r\n", HEAD_COMPLETE, false, false},
	{GET11 "Connection: x, Close\r\n\r\n", HEAD_COMPLETE, false, false},
	{GET11 "Connection: upgrade\r\nUpgrade: websocket\r\n\r\n", HEAD_COMPLETE, true, false},
	{POST11 "Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n\r\n", HEAD_COMPLETE, true,
	 true},
	{POST11 "Content-Length: 0\r\n\r\n", HEAD_COMPLETE, true, false},
	{POST11 "Content-Length: 3\r\n\r\n", HEAD_COMPLETE, true, true},
	{POST11 "Transfer-Encoding: chunked\r\n\r\n", HEAD_COMPLETE, true, true},
	{POST11 "Transfer-Encoding: Chunked \r\n\r\n", HEAD_COMPLETE, true, true},
	{"GET / HTTP/1.0\r\n\r\n", HEAD_COMPLETE, false, false},
	{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", HEAD_COMPLETE, true, false},
	{"GET / HTTP/1.1\r\n\r\n", HEAD_BAD, false, false},
	{GET11 "host: h\r\n\r\n", HEAD_BAD, false, false},
	{"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", HEAD_BAD, false, false},
	{"GET / HTTP/1.2\r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
	{"GET / HTTP/0.9\r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
	{"GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
	{"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
	{"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", HEAD_UNSUPPORTED, false, false},
	{POST11 "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Transfer-Encoding: identity\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Transfer-Encoding: gzip, chunked\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Transfer-Encoding: chunked, chunked\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Transfer-Encoding: xchunked\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", HEAD_BAD, false,
	 false},
	{GET11 ": b\r\n\r\n", HEAD_BAD, false, false},
	{"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
	{"GET /  HTTP/1.1\r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
	{"GET / HTTP/1.1 \r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
	{"SOURCE / ICE/1.0\r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
	{"OPTIONS / RTSP/1.0\r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
	{"GET / HTTP/1.10\r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length : 3\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length: 3 3\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length: 0x3\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length: 99999999999999999999\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length: 9223372036854775808\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length: 9223372036854775807\r\n\r\n", HEAD_COMPLETE, true, true},
	{POST11 "Content-Length: 018446744073709551618\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length:\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length: +3\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length: 3\x0b\r\n\r\n", HEAD_BAD, false, false},
	{POST11 "Content-Length:\t 003 \r\n\r\n", HEAD_COMPLETE, true, true},
	{"P\xc3\xb6ST / HTTP/1.1\r\nHost: h\r\n\r\n", HEAD_BAD, false, false},
};

static const struct
{
	const char *host;
	bool		good;
} hosts[] = {
	{"", true},
	{"h", true},
	{"Example.com", true},
	{"example.com:", true},
	{"example.com:80", true},
	{"example.com:65535", true},
	{"127.0.0.1:8080", true},
	{"[::1]", true},
	{"[2001:db8::1.2.3.4]:443", true},
	{"a_b-c~d.e%20f", true},
	{":80", true},
	{"example.com:65536", false},
	{"example.com:080808", false},
	{"example.com:x", false},
	{"example.com:-1", false},
	{"a:b:c", false},
	{"::1", false},
	{"[::1", false},
	{"[]", false},
	{"[::1]x", false},
	{"[::1]:x", false},
	{"[fe80::1%eth0]", false},
	{"[0123456789012345678901234567890123456789012345678901]", false},
	{"h]", false},
	{"a b", false},
	{"a,b", false},
	{"a/b", false},
	{"a?b", false},
	{"a#b", false},
	{"u@h", false},
	{"a\\b", false},
	{"\xc3\xb6", false},
};

START_TEST(test_host)
{
	Message		message = {0};
	Head		head;
	char		request[128];
	const char *problem = NULL;
	int			length =
		snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[_i].host);
	HeadResult result = message_request_head(&message, request, (size_t) length, &head, &problem);

	ck_assert_msg(result == (hosts[_i].good ? HEAD_COMPLETE : HEAD_BAD), "%s: %s", hosts[_i].host,
				  problem);
}
END_TEST

START_TEST(test_request)
{
	Message		message = {0};
	Head		head;
	const char *problem = NULL;
	HeadResult result = message_request_head(&message, requests[_i].head, strlen(requests[_i].head),
											 &head, &problem);

	ck_assert_msg(result == requests[_i].result, "%s: %s", requests[_i].head, problem);
	if (result != HEAD_COMPLETE)
	{
		ck_assert_ptr_nonnull(problem);
		return;
	}
	ck_assert_msg(head.keep_alive == requests[_i].keep_alive, "%s", requests[_i].head);
	ck_assert_msg(head.body_follows == requests[_i].body_follows, "%s", requests[_i].head);
}
END_TEST

static const struct
{
	const char *head;
	bool		for_head_request;
	HeadResult	result;
	bool		body_follows;
	bool		until_close;
} responses[] = {
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false, HEAD_COMPLETE, true, false},
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, HEAD_COMPLETE, false, false},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", true, HEAD_COMPLETE, false, false},
	{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, HEAD_COMPLETE, false, false},
	{"HTTP/1.1 200 OK\r\n\r\n", false, HEAD_COMPLETE, true, true},
	{"HTTP/1.1 200\r\n\r\n", false, HEAD_COMPLETE, true, true},
	{"HTTP/1.1 204 No Content\r\n\r\n", false, HEAD_COMPLETE, false, false},
	{"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n", false, HEAD_COMPLETE, false,
	 false},
	{"HTTP/1.1 100 Continue\r\n\r\n", false, HEAD_COMPLETE, false, false},
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", false, HEAD_BAD,
	 false, false},
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n", false, HEAD_BAD, false,
	 false},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", false, HEAD_BAD, false, false},
	{"HTTP/1.1  200 OK\r\n\r\n", false, HEAD_BAD, false, false},
	{"\r\nHTTP/1.1 200 OK\r\n\r\n", false, HEAD_BAD, false, false},
	{"HTTP/1.1 20 OK\r\n\r\n", false, HEAD_BAD, false, false},
	{"HTTP/1.1 099 OK\r\n\r\n", false, HEAD_BAD, false, false},
	{"HTTP/1.1 0200 OK\r\n\r\n", false, HEAD_BAD, false, false},
	{"HTTP/1.1 200 \x01\r\n\r\n", false, HEAD_BAD, false, false},
	{"HTTP/1.1 200 O\tK \xc3\xb6\r\nContent-Length: 0\r\n\r\n", false, HEAD_COMPLETE, false, false},
	{"HTTP/2.0 200 OK\r\n\r\n", false, HEAD_BAD, false, false},
	{"ICY 200 OK\r\n\r\n", false, HEAD_BAD, false, false},
	{"HTTP/1.1 abc\r\n\r\n", false, HEAD_BAD, false, false},
};

START_TEST(test_response)
{
	Message		message = {0};
	Head		head;
	const char *problem = NULL;
	HeadResult	result =
		message_response_head(&message, responses[_i].head, strlen(responses[_i].head),
							  responses[_i].for_head_request, &head, &problem);

	ck_assert_msg(result == responses[_i].result, "%s: %s", responses[_i].head, problem);
	if (result != HEAD_COMPLETE)
		return;
	ck_assert_msg(head.body_follows == responses[_i].body_follows, "%s", responses[_i].head);
	ck_assert_msg(message.until_close == responses[_i].until_close, "%s", responses[_i].head);
}
END_TEST

static void
collect(void *owner, const char *bytes, size_t length)
{
	strncat(owner, bytes, length);
}

/* Chunked bodies; what is behind a good one stays for the next message. */
static const struct
{
	const char *bytes;
	BodyResult	result;
	const char *body; /* of good ones */
} bodies[] = {
	{"0\r\n\r\n", BODY_COMPLETE, ""},
	{"0\r\n\r\nGET", BODY_COMPLETE, ""},
	{"5\r\nhello\r\n0\r\n\r\n", BODY_COMPLETE, "hello"},
	{"5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\nGET", BODY_COMPLETE, "hello!"},
	{"005\r\nhello\r\n000\r\n\r\n", BODY_COMPLETE, "hello"},
	{"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", BODY_COMPLETE, "01234567890123456789"},
	{"5;a;b=c\r\nhello\r\n0;last\r\n\r\n", BODY_COMPLETE, "hello"},
	{"0\r\nA: 1\r\nB: 2\r\nC:\r\n\r\nGET", BODY_COMPLETE, ""},
	{"5\r\nhello", BODY_MORE, ""},
	{"0\r\n", BODY_MORE, ""},
	{"0\r\n\r", BODY_MORE, ""},
	{"0\r\nA: 1\r\n", BODY_MORE, ""},
	{"0\r\nA: 1\r\n\r", BODY_MORE, ""},

	{"\r\n0\r\n\r\n", BODY_BAD, ""},
	{" 0\r\n\r\n", BODY_BAD, ""},
	{"0 \r\n\r\n", BODY_BAD, ""},
	{"0x0\r\n\r\n", BODY_BAD, ""},
	{"-0\r\n\r\n", BODY_BAD, ""},
	{"+0\r\n\r\n", BODY_BAD, ""},
	{"g\r\n\r\n", BODY_BAD, ""},
	{";\r\n\r\n", BODY_BAD, ""},
	{"10000000000000000\r\n", BODY_BAD, ""},
	{"fffffffffffffffff\r\n", BODY_BAD, ""},
	{"0\n\r\n", BODY_BAD, ""},
	{"0\rX", BODY_BAD, ""},
	{"5\nhello\r\n0\r\n\r\n", BODY_BAD, ""},
	{"5;a\nhello\r\n0\r\n\r\n", BODY_BAD, ""},
	{"5;a\rb\r\nhello\r\n0\r\n\r\n", BODY_BAD, ""},
	{"5\r\nhello\n0\r\n\r\n", BODY_BAD, ""},
	{"5\r\nhello!\r\n0\r\n\r\n", BODY_BAD, ""},
	{"5\r\nhell\r\n0\r\n\r\n", BODY_BAD, ""},
	{"5\r\nhello0\r\n\r\n", BODY_BAD, ""},

	{"0\r\n\n", BODY_BAD, ""},
	{"0\r\n\rX", BODY_BAD, ""},
	{"0\r\nA: b\n\r\n", BODY_BAD, ""},
	{"0\r\nA: b\r\n\n", BODY_BAD, ""},
	{"0\r\nA: b\r\n c\r\n\r\n", BODY_BAD, ""},
	{"0\r\nA: b\r\n\tc\r\n\r\n", BODY_BAD, ""},
	{"0\r\n A: b\r\n\r\n", BODY_BAD, ""},
	{"0\r\nA: b\rc\r\n\r\n", BODY_BAD, ""},
	{"0\r\nA : b\r\n\r\n", BODY_BAD, ""},
	{"0\r\n: b\r\n\r\n", BODY_BAD, ""},
	{"0\r\nA\r\n\r\n", BODY_BAD, ""},
	{"0\r\nGET / HTTP/1.1\r\n\r\n", BODY_BAD, ""},
	{"0\r\nContent-Length: 0\r\n\r\n", BODY_BAD, ""},
	{"0\r\nX: y\r\ncontent-length: 5\r\n\r\n", BODY_BAD, ""},
	{"0\r\nTransfer-Encoding: chunked\r\n\r\n", BODY_BAD, ""},
	{"0\r\nHost: h\r\n\r\n", BODY_BAD, ""},
};

static void
begin_chunked(Message *message)
{
	static const char head_text[] = POST11 "Transfer-Encoding: chunked\r\n\r\n";
	Head			  head;
	const char		 *problem;

	memset(message, 0, sizeof(*message));
	ck_assert_int_eq(message_request_head(message, head_text, strlen(head_text), &head, &problem),
					 HEAD_COMPLETE);
}

/* Feeds step bytes at a time, each piece in memory of its own; at: how many were used. */
static BodyResult
feed_body(Message *message, const char *bytes, size_t step, char *body, size_t *at)
{
	BodyResult result = BODY_MORE;
	size_t	   size = strlen(bytes);

	for (*at = 0; result == BODY_MORE && *at < size;)
	{
		size_t length = size - *at < step ? size - *at : step;
		size_t used;
		char  *piece = malloc(length);

		memcpy(piece, bytes + *at, length);
		result = message_body(message, piece, length, &used, collect, body);
		free(piece);
		*at += used;
	}
	return result;
}

static void
check_body(int number, size_t step)
{
	const char *bytes = bodies[number].bytes;
	Message		message = {0};
	char		body[32] = "";
	size_t		at;
	BodyResult	result;

	begin_chunked(&message);
	result = feed_body(&message, bytes, step, body, &at);
	ck_assert_msg(result == bodies[number].result, "%s, %zu at a time: %d", bytes, step, result);
	if (result == BODY_COMPLETE)
	{
		ck_assert_str_eq(body, bodies[number].body);
		ck_assert_msg(strcmp(bytes + at, "") == 0 || strcmp(bytes + at, "GET") == 0, "%s", bytes);
	}
	else if (result == BODY_BAD)
		ck_assert_str_ne(message_problem(&message), "");
	message_free(&message);
}

/* The same answer however the bytes come. */
START_TEST(test_body)
{
	for (size_t step = 1; step <= strlen(bodies[_i].bytes); step++)
		check_body(_i, step);
}
END_TEST

/* What is passed on of the trailers. */
static const struct
{
	const char *section;
	const char *kept;
} trailers[] = {
	{"\r\n", ""},
	{"A: 1\r\n\r\n", "A: 1\r\n"},
	{"A:  1 \r\nB:\r\n\r\n", "A:  1 \r\nB:\r\n"},
	{"A: 1\r\nAuthorization: x\r\nB: 2\r\ncookie: x\r\n\r\n", "A: 1\r\nB: 2\r\n"},
	{"Connection: A\r\nA: 1\r\nTE: x\r\nTrailer: x\r\nUpgrade: x\r\n\r\n", "A: 1\r\n"},
	{"X-Gray-Side: gray\r\nX_Gray_Release: x\r\nX-Forwarded-For: x\r\nVia: x\r\n\r\n", ""},
	{"Content-Type: a/b\r\nSet-Cookie: x\r\nIf-Match: x\r\nExpect: x\r\nServer-Timing: x\r\n\r\n",
	 "Server-Timing: x\r\n"},
};

START_TEST(test_trailers)
{
	for (size_t step = 1; step <= strlen(trailers[_i].section) + 3; step++)
	{
		Message message;
		char	bytes[256];
		char	body[1] = "";
		size_t	at;
		Span	kept;

		begin_chunked(&message);
		snprintf(bytes, sizeof(bytes), "0\r\n%s", trailers[_i].section);
		ck_assert_int_eq(feed_body(&message, bytes, step, body, &at), BODY_COMPLETE);
		kept = message_trailers(&message);
		ck_assert_msg(span_equals(kept, trailers[_i].kept), "%s: %.*s", trailers[_i].section,
					  (int) kept.length, kept.bytes);
		message_free(&message);
	}
}
END_TEST

START_TEST(test_large_trailers)
{
	static const char field[] = "A: 0123456789\r\n";
	Message			  message = {0};
	char			  body[1] = "";
	size_t			  at;
	BodyResult		  result;

	begin_chunked(&message);
	result = feed_body(&message, "0\r\n", 3, body, &at);
	for (size_t size = 0; result == BODY_MORE && size < 2 * MESSAGE_TRAILER_BYTES_MAX;
		 size += strlen(field))
		result = feed_body(&message, field, strlen(field), body, &at);
	ck_assert_int_eq(result, BODY_BAD);
	ck_assert_str_eq(message_problem(&message), "trailers too large");
	message_free(&message);
}
END_TEST

TCase *
head_cases(void)
{
	TCase *tcase = tcase_create("head");

	tcase_add_loop_test(tcase, test_scan_at_once, 0, sizeof(scans) / sizeof(scans[0]));
	tcase_add_loop_test(tcase, test_scan_bytewise, 0, sizeof(scans) / sizeof(scans[0]));
	tcase_add_loop_test(tcase, test_scan_places, 0, 39);
	tcase_add_test(tcase, test_scan_nul);
	tcase_add_loop_test(tcase, test_host, 0, sizeof(hosts) / sizeof(hosts[0]));
	tcase_add_loop_test(tcase, test_request, 0, sizeof(requests) / sizeof(requests[0]));
	tcase_add_loop_test(tcase, test_response, 0, sizeof(responses) / sizeof(responses[0]));
	tcase_add_loop_test(tcase, test_body, 0, sizeof(bodies) / sizeof(bodies[0]));
	tcase_add_loop_test(tcase, test_trailers, 0, sizeof(trailers) / sizeof(trailers[0]));
	tcase_add_test(tcase, test_large_trailers);
	return tcase;
}
