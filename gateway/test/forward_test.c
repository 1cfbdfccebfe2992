/*
 * forward_test.c: the heads that go on to the other side, byte for byte
 */
#include "gateway_test.h"

#include <stdio.h>
#include <string.h>

#include "http/message.h"
#include "http/option.h"
#include "http/trailer.h"
#include "proxy/forward.h"
#include "user/uid.h"

#define OURS "X-Gray-Side: gray\r\nX-Gray-Release: v2\r\n\r\n"
#define FORWARDED \
	"Via: 1.1 gray-gateway\r\nX-Forwarded-For: 9.8.7.6\r\nX-Forwarded-Proto: http\r\n" \
	"X-Forwarded-Host: h\r\n" OURS

static const struct
{
	const char *in;
	const char *out;
} requests[] = {
	{"GET /a?b HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n\r\n",
	 "GET /a?b HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nConnection: A, close\r\nHost: h\r\nA: 1\r\nB: 2\r\nKeep-Alive: 3\r\nC: 4\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nB: 2\r\nC: 4\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nHost: h\r\nX-Gray-Uid: 1\r\nX_Gray_Side_of_the_moon_and_more: 2\r\nX-Grayish: 3\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nX-Grayish: 3\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nHost: h\r\nContent_Length: 3\r\nTransfer_encoding: chunked\r\nX_Forwarded-For: 6.6.6.6\r\n"
	 "Proxy_Authorization: a\r\nProxy_Authorizations: b\r\nX_Mine: c\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nProxy_Authorizations: b\r\nX_Mine: c\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nConnection: X-Forwarded-Proto, X-Forwarded-Host, X-Forwarded-For, X-Gray-Side\r\nHost: h\r\n"
	 "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: o\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: o\r\nVia: 1.1 gray-gateway\r\n"
	 "X-Forwarded-For: 1.1.1.1, 9.8.7.6\r\n" OURS},
	{"GET / HTTP/1.1\r\nConnection: A\r\nConnection: close , b,,\r\nHost: h\r\nA: 1\r\na: 2\r\nB: 3\r\nC: 4\r\nVia: 1.1 x\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nC: 4\r\nVia: 1.1 x\r\n" FORWARDED},
	/* What Connection must not take away. */
	{"POST / HTTP/1.1\r\nConnection: Host, Content-Length\r\nHost: h\r\nContent-Length: 3\r\n\r\n",
	 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n" FORWARDED},
	{"POST / HTTP/1.1\r\nContent-Length: 010\r\nHost: h\r\n\r\n",
	 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n" FORWARDED},
	{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: h\r\n\r\n",
	 "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nX-Gray-Side: production\r\nHost: h\r\nX_GRAY_SIDE: x\r\nX-gray-Release: v9\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: o\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: o\r\nVia: 1.1 gray-gateway\r\n"
	 "X-Forwarded-For: 1.1.1.1, 9.8.7.6\r\n" OURS},
	{"GET / HTTP/1.1\r\nHost: h\r\nTE: gzip;q=0.5, Trailers\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nTE: trailers\r\nConnection: TE\r\n" FORWARDED},
	{"POST / HTTP/1.1\r\nHost: h\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n",
	 "POST / HTTP/1.1\r\nHost: h\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nHost: h\r\nTE: gzip\r\nTrailer: X\r\nUpgrade: a\r\nProxy-Connection: b\r\n"
	 "Proxy-Authorization: c\r\nVia: 1.0 other\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nVia: 1.0 other\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket, h2c\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\n" FORWARDED},
	{"POST / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\n",
	 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n" FORWARDED},
	{"GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost:\r\nVia: 1.0 gray-gateway\r\nX-Forwarded-For: 9.8.7.6\r\n"
	 "X-Forwarded-Proto: http\r\n" OURS},
};

/* Where uids come in X-User-Id, in cookies and in tokens. */
static const struct
{
	const char *in;
	const char *out;
} reserved[] = {
	{"GET / HTTP/1.1\r\nHost: h\r\nx-user-ID: 1\r\nX_User_Id: 2\r\nX-User_Id: 3\r\nX.User!Id: 4\r\n"
	 "X_User_Ident: 5\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nx-user-ID: 1\r\nX_User_Ident: 5\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nHost: h\r\nX_USER_ID: 2\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nHost: h\r\nConnection: X-User-Id, cookie, Authorization, A\r\nX-User-Id: 1\r\nCookie: a\r\n"
	 "Authorization: b\r\nA: 2\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nX-User-Id: 1\r\nCookie: a\r\nAuthorization: b\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nHost: h\r\nX_Other_Id: 1\r\nx-other-id: 2\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\nX_Other_Id: 1\r\nx-other-id: 2\r\n" FORWARDED},
	{"GET / HTTP/1.1\r\nHost: h\r\nContent.Length: 3\r\nX.Gray.Side: gray\r\n\r\n",
	 "GET / HTTP/1.1\r\nHost: h\r\n" FORWARDED},
};

static void
forwards(const char *in, const char *expected)
{
	const ForwardRequest facts = {.peer = "9.8.7.6", .side = "gray", .release = "v2"};
	Message				 message = {0};
	Head				 head;
	const char			*problem;
	Buffer				 out = {0};

	ck_assert_int_eq(message_request_head(&message, in, strlen(in), &head, &problem), HEAD_COMPLETE);
	forward_request(&out, &head, &facts);
	buffer_append(&out, "", 1);
	ck_assert_str_eq(out.bytes, expected);
	buffer_free(&out);
}

START_TEST(test_request)
{
	forwards(requests[_i].in, requests[_i].out);
}
END_TEST

/* Where ours are called u and s, and a server named a user. */
START_TEST(test_own_cookies)
{
	static const char in[] = "GET / HTTP/1.1\r\nHost: h\r\nCookie: a=1; u=2; b=3\r\nCookie: s=4\r\n"
							 "Cookie: c=5\r\nX-Gray-User: 7\r\nA: 1\r\n\r\n";
	static const char *const names[FORWARD_COOKIES] = {"u", "s"};
	const ForwardRequest	 facts = {.peer = "9.8.7.6",
									  .side = "gray",
									  .release = "v2",
									  .user = span_of("u@x"),
									  .own_cookies = names};
	Message					 message = {0};
	Head					 head;
	const char				*problem;
	Buffer					 out = {0};

	ck_assert_int_eq(message_request_head(&message, in, sizeof(in) - 1, &head, &problem),
					 HEAD_COMPLETE);
	forward_request(&out, &head, &facts);
	buffer_append(&out, "", 1);
	ck_assert_str_eq(out.bytes,
					 "GET / HTTP/1.1\r\nHost: h\r\nCookie: c=5\r\nA: 1\r\nCookie: a=1; b=3\r\n"
					 "Via: 1.1 gray-gateway\r\nX-Forwarded-For: 9.8.7.6\r\nX-Forwarded-Proto: http\r\n"
					 "X-Forwarded-Host: h\r\nX-Gray-Side: gray\r\nX-Gray-Release: v2\r\n"
					 "X-Gray-User: u%40x\r\n\r\n");
	buffer_free(&out);
}
END_TEST

START_TEST(test_reserved)
{
	UidSources	sources;
	const char *problem;

	ck_assert(uid_sources_parse(span_of("header:X-User-Id, header:X_Other_Id, header:X-Other-Id, "
										"cookie:a, jwt:sub"),
								&sources, &problem));
	uid_sources_reserve(&sources);
	forwards(reserved[_i].in, reserved[_i].out);
	ck_assert(!trailer_allowed(&(Field){.kind = field_kind(span_of("x-user-id"))}));
	ck_assert(!trailer_allowed(&(Field){.kind = field_kind(span_of("X_User_Id"))}));
	field_reserve_none();
}
END_TEST

#define VIA "Via: 1.1 gray-gateway\r\n"

static const struct
{
	const char *in;
	bool		for_head_request;
	unsigned	client_minor;
	bool		keep_alive;
	Framing		framing;
	const char *out;
} responses[] = {
	{"HTTP/1.1 200 Fine\r\nContent-Length: 3\r\nA: 1\r\n\r\n", false, 1, true, FRAMING_LENGTH,
	 "HTTP/1.1 200 Fine\r\nContent-Length: 3\r\nA: 1\r\n" VIA "\r\n"},
	{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, 1, false, FRAMING_LENGTH,
	 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" VIA "Connection: close\r\n\r\n"},
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false, 0, true, FRAMING_LENGTH,
	 "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" VIA "Connection: keep-alive\r\n\r\n"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, 1, true, FRAMING_CHUNKED,
	 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" VIA "\r\n"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, 0, false, FRAMING_CLOSE,
	 "HTTP/1.1 200 OK\r\n" VIA "Connection: close\r\n\r\n"},
	{"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n", false, 1, true, FRAMING_CHUNKED,
	 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nVia: 1.0 gray-gateway\r\n\r\n"},
	{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: A\r\nA: 1\r\nB: 2\r\n\r\n", true, 1, true,
	 FRAMING_NONE, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nB: 2\r\n" VIA "\r\n"},
	{"HTTP/1.1 204 None\r\nContent-Length: 0\r\n\r\n", false, 1, true, FRAMING_LENGTH,
	 "HTTP/1.1 204 None\r\n" VIA "\r\n"},
	{"HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n", false, 1, true, FRAMING_NONE,
	 "HTTP/1.1 304 Same\r\nContent-Length: 9\r\n" VIA "\r\n"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n", false, 1, true,
	 FRAMING_CHUNKED, "HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n" VIA "\r\n"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n", false, 0, false,
	 FRAMING_CLOSE, "HTTP/1.1 200 OK\r\n" VIA "Connection: close\r\n\r\n"},
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTrailer: X\r\n\r\n", false, 1, true, FRAMING_LENGTH,
	 "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" VIA "\r\n"},
	{"HTTP/1.1 101 Switch\r\nUpgrade: a\r\nConnection: Upgrade\r\nB: 1\r\n\r\n", false, 1, true,
	 FRAMING_NONE,
	 "HTTP/1.1 101 Switch\r\nB: 1\r\n" VIA "Connection: upgrade\r\nUpgrade: a\r\n\r\n"},
	{"HTTP/1.1 421 M\r\nX-Gray-User: 42\r\nContent-Length: 0\r\nx-gray-side: gray\r\nX_Gray_User: 1\r\nA: 1\r\n\r\n",
	 false, 1, true, FRAMING_LENGTH, "HTTP/1.1 421 M\r\nContent-Length: 0\r\nA: 1\r\n" VIA "\r\n"},
	{"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", false, 1, false, FRAMING_NONE,
	 "HTTP/1.1 103 Early Hints\r\nLink: x\r\n" VIA "\r\n"},
	/* A length with zeros before it goes on without them. */
	{"HTTP/1.1 200 OK\r\nContent-Length: 010\r\nA: 1\r\n\r\n", false, 1, true, FRAMING_LENGTH,
	 "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 10\r\n" VIA "\r\n"},
	{"HTTP/1.1 200 OK\r\nContent-Length: 000\r\n\r\n", false, 1, true, FRAMING_LENGTH,
	 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" VIA "\r\n"},
	{"HTTP/1.1 204 None\r\nContent-Length: 00\r\n\r\n", false, 1, true, FRAMING_LENGTH,
	 "HTTP/1.1 204 None\r\n" VIA "\r\n"},
	/* Which side it is only we say. */
	{"HTTP/1.1 200 OK\r\nX-Gray-Side: gray\r\nContent-Length: 1\r\nx-gray-release: v9\r\nX_Gray_Side: a\r\n\r\n",
	 false, 1, true, FRAMING_LENGTH, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n" VIA "\r\n"},
};

START_TEST(test_response)
{
	Message		message = {0};
	Head		head;
	const char *problem;
	Buffer		out = {0};

	ck_assert_int_eq(message_response_head(&message, responses[_i].in, strlen(responses[_i].in),
										   responses[_i].for_head_request, &head, &problem),
					 HEAD_COMPLETE);
	ck_assert_int_eq(forward_framing(&head, responses[_i].client_minor), responses[_i].framing);
	forward_response(&out, &head,
					 &(ForwardResponse){.framing = responses[_i].framing,
										.client_minor = responses[_i].client_minor,
										.keep_alive = responses[_i].keep_alive});
	buffer_append(&out, "", 1);
	ck_assert_str_eq(out.bytes, responses[_i].out);
	buffer_free(&out);
}
END_TEST

/* The side is told where it is wanted, whatever the server says of it, and interim answers have it, too. */
START_TEST(test_side)
{
	static const char *const statuses[] = {"200 OK", "103 Early Hints", "101 Switch", "500 No"};
	ForwardResponse			 facts = {.client_minor = 1, .keep_alive = true, .side = "production"};

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
	{
		Message		message = {0};
		Head		head;
		const char *problem;
		Buffer		in = {0};
		Buffer		out = {0};
		char		expected[256];

		buffer_format(&in, "HTTP/1.1 %s\r\nX-Gray-Side: gray\r\nA: 1\r\n\r\n", statuses[i]);
		ck_assert_int_eq(message_response_head(&message, buffer_first(&in), buffer_length(&in),
											   false, &head, &problem),
						 HEAD_COMPLETE);
		forward_response(&out, &head, &facts);
		buffer_append(&out, "", 1);
		snprintf(expected, sizeof(expected),
				 "HTTP/1.1 %s\r\nA: 1\r\n" VIA "X-Gray-Side: production\r\n\r\n", statuses[i]);
		ck_assert_str_eq(out.bytes, expected);
		buffer_free(&in);
		buffer_free(&out);
	}
}
END_TEST

START_TEST(test_fields_of_ours)
{
	static const char in[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=1\r\n\r\n";
	Message			  message = {0};
	Head			  head;
	const char		 *problem;
	Buffer			  out = {0};

	ck_assert_int_eq(message_response_head(&message, in, sizeof(in) - 1, false, &head, &problem),
					 HEAD_COMPLETE);
	forward_response(&out, &head,
					 &(ForwardResponse){.framing = FRAMING_LENGTH,
										.client_minor = 1,
										.keep_alive = true,
										.fields = span_of("Set-Cookie: b=2\r\n")});
	buffer_append(&out, "", 1);
	ck_assert_str_eq(out.bytes, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=1\r\n" VIA
								"Set-Cookie: b=2\r\n\r\n");
	buffer_free(&out);
}
END_TEST

/* A list of options that fills a head of 16 KiB, before 95 fields: how many names are compared? */
static size_t
compared(const char *option, size_t count)
{
	Message		message = {0};
	Head		head;
	const char *problem;
	Buffer		in = {0};
	bool		named[HEAD_FIELDS_MAX];
	size_t		compared;

	buffer_text(&in, "GET / HTTP/1.1\r\nHost: h\r\nConnection: ");
	for (size_t i = 0; i < count; i++)
		buffer_text(&in, option);
	buffer_text(&in, "last\r\n");
	for (int i = 0; i < 95; i++)
		buffer_format(&in, "f%02d: v\r\n", i);
	buffer_text(&in, "\r\n");
	ck_assert_int_eq(message_request_head(&message, buffer_first(&in), buffer_length(&in), &head,
										  &problem),
					 HEAD_COMPLETE);
	compared = option_find(&head, named);
	for (size_t i = 0; i < head.field_count; i++)
		ck_assert(named[i] == (span_equals(head.fields[i].name, "f07") && *option == 'f'));
	buffer_free(&in);
	return compared;
}

START_TEST(test_many_options)
{
	/* 97 names: at most seven steps to the place of one, and one more to see whether it is there. */
	ck_assert_uint_le(compared("x,", 7000), 7001 * 8);
	ck_assert_uint_le(compared("f07,", 3600), 3601 * 8);
	ck_assert_uint_le(compared(",", 15000), 15001 * 8);
	ck_assert_uint_le(compared("zzzzzzzzzzzzzzz,", 1000), 1001 * 8);
}
END_TEST

/* Fields of one name are all named, and gone through once. */
START_TEST(test_same_names)
{
	Head head = {.field_count = HEAD_FIELDS_MAX};
	bool named[HEAD_FIELDS_MAX];
	char list[4096];

	for (size_t i = 0; i < sizeof(list); i += 2)
		memcpy(&list[i], "a,", 2);
	for (size_t i = 0; i < HEAD_FIELDS_MAX; i++)
		head.fields[i] = (Field){FIELD_PLAIN, span_of("A"), span_of("v"), {0}};
	head.fields[100] = (Field){FIELD_CONNECTION, span_of("Connection"), {list, sizeof(list)}, {0}};
	ck_assert_uint_le(option_find(&head, named), 2049 * 12 + HEAD_FIELDS_MAX);
	for (size_t i = 0; i < HEAD_FIELDS_MAX; i++)
		ck_assert(named[i] == (i != 100));
}
END_TEST

TCase *
forward_cases(void)
{
	TCase *tcase = tcase_create("forward");

	tcase_add_loop_test(tcase, test_request, 0, sizeof(requests) / sizeof(requests[0]));
	tcase_add_test(tcase, test_own_cookies);
	tcase_add_loop_test(tcase, test_reserved, 0, sizeof(reserved) / sizeof(reserved[0]));
	tcase_add_loop_test(tcase, test_response, 0, sizeof(responses) / sizeof(responses[0]));
	tcase_add_test(tcase, test_side);
	tcase_add_test(tcase, test_fields_of_ours);
	tcase_add_test(tcase, test_many_options);
	tcase_add_test(tcase, test_same_names);
	return tcase;
}
