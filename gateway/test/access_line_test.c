/*
 * access_line_test.c: lines of the access log, byte for byte
 */
#include "gateway_test.h"

#include <string.h>

#include "base/access_line.h"
#include "base/hash.h"
#include "user/uid_hash.h"

#define TEXT(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const AccessEntry whole = {
	.client = "192.0.2.1",
	.request_line = TEXT("GET /a?b=c HTTP/1.1"),
	.referer = TEXT("http://h/"),
	.agent = TEXT("curl/8"),
	.release = "v2",
	.side = "gray",
	.server = "127.0.0.1:8082",
	.status = 200,
	.complete = true,
	.has_uid = true,
	.uid_hash = 0xabc,
	.answer_bytes = 12345678901,
	.total_us = 1234567,
	.first_byte_us = 2100,
};

static const AccessEntry bare = {
	.client = "::1",
	.request_line = TEXT(""),
	.referer = TEXT(""),
	.agent = TEXT(""),
	.release = "v2",
	.status = 408,
	.complete = true,
};

static const AccessEntry hostile = {
	.client = "unix",
	.request_line = TEXT("GET /\"\\\n\x7f\xe9\0 HTTP/1.1"),
	.referer = TEXT("\r\n127.0.0.1 - - forged"),
	.agent = TEXT("\""),
	.release = "v2",
	.side = "production",
	.server = "unix:/s",
	.status = 502,
	.retries = 2,
};

static const struct
{
	const AccessEntry *entry;
	AccessFormat	   format;
	const char		  *line;
} lines[] = {
	{&whole, ACCESS_COMBINED,
	 "192.0.2.1 - 0000000000000abc [13/Feb/2009:23:31:30 +0000] \"GET /a?b=c HTTP/1.1\" 200 "
	 "12345678901 \"http://h/\" \"curl/8\" release=v2 side=gray server=127.0.0.1:8082 "
	 "total_ms=1234.567 first_byte_ms=2.100 retries=0 end=whole\n"},
	{&bare, ACCESS_COMBINED,
	 "::1 - - [13/Feb/2009:23:31:30 +0000] \"-\" 408 0 \"-\" \"-\" release=v2 side=- server=- "
	 "total_ms=0.000 first_byte_ms=- retries=0 end=whole\n"},
	{&hostile, ACCESS_COMBINED,
	 "unix - - [13/Feb/2009:23:31:30 +0000] \"GET /\\x22\\x5c\\x0a\\x7f\\xe9\\x00 HTTP/1.1\" 502 0 "
	 "\"\\x0d\\x0a127.0.0.1 - - forged\" \"\\x22\" release=v2 side=production server=unix:/s "
	 "total_ms=0.000 first_byte_ms=- retries=2 end=cut\n"},
	{&whole, ACCESS_JSON,
	 "{\"time\": \"2009-02-13T23:31:30Z\", \"client\": \"192.0.2.1\", \"uid_hash\": "
	 "\"0000000000000abc\", \"request\": \"GET /a?b=c HTTP/1.1\", \"status\": 200, \"bytes\": "
	 "12345678901, \"referer\": \"http://h/\", \"user_agent\": \"curl/8\", \"release\": \"v2\", "
	 "\"side\": \"gray\", \"server\": \"127.0.0.1:8082\", \"total_ms\": 1234.567, "
	 "\"first_byte_ms\": 2.100, \"retries\": 0, \"whole\": true}\n"},
	{&bare, ACCESS_JSON,
	 "{\"time\": \"2009-02-13T23:31:30Z\", \"client\": \"::1\", \"uid_hash\": null, \"request\": "
	 "null, \"status\": 408, \"bytes\": 0, \"referer\": null, \"user_agent\": null, \"release\": "
	 "\"v2\", \"side\": null, \"server\": null, \"total_ms\": 0.000, \"first_byte_ms\": null, "
	 "\"retries\": 0, \"whole\": true}\n"},
	{&hostile, ACCESS_JSON,
	 "{\"time\": \"2009-02-13T23:31:30Z\", \"client\": \"unix\", \"uid_hash\": null, \"request\": "
	 "\"GET /\\u0022\\u005c\\u000a\\u007f\\u00e9\\u0000 HTTP/1.1\", \"status\": 502, \"bytes\": 0, "
	 "\"referer\": \"\\u000d\\u000a127.0.0.1 - - forged\", \"user_agent\": \"\\u0022\", "
	 "\"release\": \"v2\", \"side\": \"production\", \"server\": \"unix:/s\", \"total_ms\": 0.000, "
	 "\"first_byte_ms\": null, \"retries\": 2, \"whole\": false}\n"},
};

START_TEST(test_line)
{
	Buffer out = {0};

	/* Behind a line of another second: its time must not stick. */
	access_line(&out, lines[_i].format, lines[_i].entry, 1);
	buffer_clear(&out);
	access_line(&out, lines[_i].format, lines[_i].entry, 1234567890);
	buffer_append(&out, "", 1);
	ck_assert_str_eq(buffer_first(&out), lines[_i].line);
	buffer_free(&out);
}
END_TEST

START_TEST(test_format)
{
	AccessFormat format;

	ck_assert(access_format_parse("json", &format) && format == ACCESS_JSON);
	ck_assert(access_format_parse("combined", &format) && format == ACCESS_COMBINED);
	ck_assert(!access_format_parse("common", &format));
	ck_assert(!access_format_parse("", &format));
}
END_TEST

/* SipHash-2-4 of 00 01 ... 0e under the key 00 01 ... 0f: appendix A of its paper. */
START_TEST(test_siphash)
{
	unsigned char key[SIPHASH_KEY_BYTES];
	char		  text[15];

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char) i;
	for (unsigned i = 0; i < sizeof(text); i++)
		text[i] = (char) i;
	ck_assert_uint_eq(uid_hash((Span){text, sizeof(text)}), 0);
	uid_hash_set_key_bytes(key);
	/* a129ca6149be45e5, of which the paper writes the bytes from the lowest on. */
	ck_assert_uint_eq(uid_hash((Span){text, sizeof(text)}), UINT64_C(0xe545be4961ca29a1));
}
END_TEST

START_TEST(test_keys)
{
	Span	 uid = {"42", 2};
	uint64_t first;

	uid_hash_set_key("one");
	first = uid_hash(uid);
	ck_assert_uint_ne(first, uid_hash((Span){"43", 2}));
	uid_hash_set_key("two");
	ck_assert_uint_ne(first, uid_hash(uid));
	uid_hash_set_key("one");
	ck_assert_uint_eq(first, uid_hash(uid));
	uid_hash_set_key("");
	first = uid_hash(uid);
	uid_hash_set_key("");
	ck_assert_uint_ne(first, uid_hash(uid));
}
END_TEST

TCase *
access_line_cases(void)
{
	TCase *cases = tcase_create("access_line");

	tcase_add_loop_test(cases, test_line, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(cases, test_format);
	tcase_add_test(cases, test_siphash);
	tcase_add_test(cases, test_keys);
	return cases;
}
