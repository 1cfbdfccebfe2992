/*
 * proxy_protocol_test.c: headers, whole and byte by byte
 */
#include "gateway_test.h"

#include <string.h>

#include "base/address.h"
#include "net/proxy_protocol.h"

#define HEADER(text) text, sizeof(text) - 1
#define V2 "\r\n\r\n\0\r\nQUIT\n"
#define FOUR "\xc0\x00\x02\x01\xc0\x00\x02\x02\xdc\x04\x01\xbb"
#define SIX \
	"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\xdc\x04" \
	"\x01\xbb"

static const struct
{
	const char *bytes;
	size_t		length;
	ProxyResult result;
	const char *client; /* "": not named */
} cases[] = {
	{HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n"), PROXY_COMPLETE, "192.0.2.1:56324"},
	{HEADER("PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n"), PROXY_COMPLETE,
	 "[2001:db8::1]:56324"},
	{HEADER("PROXY TCP4 0.0.0.0 255.255.255.255 0 65535\r\n"), PROXY_COMPLETE, "0.0.0.0:0"},
	{HEADER("PROXY UNKNOWN\r\n"), PROXY_COMPLETE, ""},
	{HEADER("PROXY UNKNOWN ffff::1 whatever 1 2\r\n"), PROXY_COMPLETE, ""},
	{HEADER("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
			"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
	 PROXY_COMPLETE, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
	{HEADER("PROXY"), PROXY_MORE, ""},
	{HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r"), PROXY_MORE, ""},
	{HEADER("GET / HTTP/1.1\r\n"), PROXY_BAD, ""},
	{HEADER("PROXX"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 056324 443\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 65536 443\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 -1 443\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 56324\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 1\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4  192.0.2.1 192.0.2.2 56324 443\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 192.0.2.1 192.0.2.2 56324 443 \r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 192.0.2.1\0 192.0.2.2 56324 443\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 2001:db8::1 192.0.2.2 56324 443\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP6 192.0.2.1 192.0.2.2 56324 443\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY TCP4 192.0.2.256 192.0.2.2 56324 443\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY UDP4 192.0.2.1 192.0.2.2 56324 443\r\n"), PROXY_BAD, ""},
	{HEADER("PROXY \r\n"), PROXY_BAD, ""},
	{HEADER(
		 "PROXY UNKNOWN xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n"),
	 PROXY_BAD, ""},
	{HEADER(V2 "\x21\x11\x00\x0c" FOUR), PROXY_COMPLETE, "192.0.2.1:56324"},
	{HEADER(V2 "\x21\x11\x00\x10" FOUR "\x03\x00\x01x"), PROXY_COMPLETE, "192.0.2.1:56324"},
	{HEADER(V2 "\x21\x21\x00\x24" SIX), PROXY_COMPLETE, "[2001:db8::1]:56324"},
	{HEADER(V2 "\x20\x00\x00\x00"), PROXY_COMPLETE, ""},
	{HEADER(V2 "\x20\x11\x00\x0c" FOUR), PROXY_COMPLETE, ""},
	{HEADER(V2 "\x21\x00\x00\x03xyz"), PROXY_COMPLETE, ""},
	{HEADER(V2 "\x21\x12\x00\x0c" FOUR), PROXY_COMPLETE, ""},
	{HEADER(V2 "\x21\x11\x00\x0b" FOUR), PROXY_BAD, ""},
	{HEADER(V2 "\x22\x11\x00\x0c" FOUR), PROXY_BAD, ""},
	{HEADER(V2 "\x11\x11\x00\x0c" FOUR), PROXY_BAD, ""},
	{HEADER(V2 "\x21\x41\x00\x0c" FOUR), PROXY_BAD, ""},
	{HEADER(V2 "\x21\x13\x00\x0c" FOUR), PROXY_BAD, ""},
	{HEADER(V2 "\x21\x11\xff\xff" FOUR), PROXY_BAD, ""},
	{HEADER(V2 "\x21\x11\x00\x0d" FOUR), PROXY_MORE, ""},
	{HEADER("\r\n\r\n\0\r\nQUIX"), PROXY_BAD, ""},
};

START_TEST(test_header)
{
	struct sockaddr_storage client = {0};
	const char			   *problem = NULL;
	size_t					used = 0;
	char					text[64] = "";

	ck_assert_msg(proxy_header(cases[_i].bytes, cases[_i].length, &used, &client, &problem) ==
					  cases[_i].result,
				  "case %d: %s", _i, problem != NULL ? problem : "");
	ck_assert((problem != NULL) == (cases[_i].result == PROXY_BAD));
	if (client.ss_family != 0)
		address_format((struct sockaddr *) &client, text, sizeof(text));
	ck_assert_str_eq(text, cases[_i].client);
	if (cases[_i].result != PROXY_COMPLETE)
		return;
	ck_assert_uint_eq(used, cases[_i].length);

	/* However it is cut, it is not complete before its end; what follows is not touched. */
	for (size_t length = 0; length < cases[_i].length; length++)
		ck_assert_int_eq(proxy_header(cases[_i].bytes, length, &used, &client, &problem),
						 PROXY_MORE);
}
END_TEST

START_TEST(test_rest)
{
	static const char		bytes[] = "PROXY UNKNOWN\r\nGET / HTTP/1.1\r\n";
	struct sockaddr_storage client = {0};
	const char			   *problem;
	size_t					used;

	ck_assert_int_eq(proxy_header(bytes, sizeof(bytes) - 1, &used, &client, &problem),
					 PROXY_COMPLETE);
	ck_assert_uint_eq(used, strlen("PROXY UNKNOWN\r\n"));
}
END_TEST

START_TEST(test_unix)
{
	char					bytes[16 + 216] = V2 "\x21\x31\x00\xd8/client";
	struct sockaddr_storage client = {0};
	const char			   *problem;
	size_t					used;

	ck_assert_int_eq(proxy_header(bytes, sizeof(bytes), &used, &client, &problem), PROXY_COMPLETE);
	ck_assert_int_eq(client.ss_family, AF_UNIX);
	ck_assert_int_eq(proxy_header(bytes, sizeof(bytes) - 1, &used, &client, &problem), PROXY_MORE);
}
END_TEST

TCase *
proxy_protocol_cases(void)
{
	TCase *tests = tcase_create("proxy_protocol");

	tcase_add_loop_test(tests, test_header, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tests, test_rest);
	tcase_add_test(tests, test_unix);
	return tests;
}
