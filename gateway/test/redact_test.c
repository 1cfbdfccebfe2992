/*
 * redact_test.c: no uid is left in what the logs say of a request
 */
#include "gateway_test.h"

#include <string.h>

#include "user/redact.h"
#include "user/uid_hash.h"

/* {N} stands for the hash of uid N. */
#define LONG_16 "eyJhbGciOiJIUzI1"
#define LONG_64 LONG_16 LONG_16 LONG_16 LONG_16
#define LONG LONG_64 LONG_64 LONG_64 LONG_64 "." LONG_64 "." LONG_64

static const struct
{
	const char *line;
	const char *covered;
} lines[] = {
	{"GET /users/42/orders HTTP/1.1", "GET /users/{42}/orders HTTP/1.1"},
	{"GET /users/042?x=42 HTTP/1.1", "GET /users/{42}?x=42 HTTP/1.1"},
	{"GET /%75sers/%34%32/ HTTP/1.1", "GET /%75sers/{42}/ HTTP/1.1"},
	{"GET /u/42 HTTP/1.0", "GET /u/{42} HTTP/1.0"},
	{"GET /users/none/ HTTP/1.1", "GET /users/{none}/ HTTP/1.1"},
	{"GET /x?user=42 HTTP/1.1", "GET /x?user={42} HTTP/1.1"},
	{"GET /x?a=b&us%65r=+%34%32&c HTTP/1.1", "GET /x?a=b&us%65r={42}&c HTTP/1.1"},
	{"GET /x?user=1&User=2&a=1;user=3;b HTTP/1.1",
	 "GET /x?user={1}&User={2}&a=1;user={3};b HTTP/1.1"},
	{"GET /users/7/?user=8&user= HTTP/1.1", "GET /users/{7}/?user={8}&user= HTTP/1.1"},
	{"GET /x?user=%zz42 HTTP/1.1", "GET /x?user=*** HTTP/1.1"},
	{"GET //users/42/ HTTP/1.1", "GET /*** HTTP/1.1"},
	{"GET /a/../users/42?user=1 HTTP/1.1", "GET /***?user={1} HTTP/1.1"},
	{"GET /users/42;a=b HTTP/1.1", "GET /*** HTTP/1.1"},
	{"GET /Users/42 HTTP/1.1", "GET /*** HTTP/1.1"},
	{"GET /~anna/?SID=a-session HTTP/1.1", "GET /~{anna}/?SID={a-session} HTTP/1.1"},
	{"GET /ws?token=" LONG "&x HTTP/1.1", "GET /ws?token=***&x HTTP/1.1"},
	{"GET /ws?Token=a.b.c HTTP/1.1", "GET /ws?Token={a.b.c} HTTP/1.1"},
	{"GET / HTTP/1.1", "GET / HTTP/1.1"},
	{"GET /other/42?id=42 HTTP/1.1", "GET /other/42?id=42 HTTP/1.1"},
	{"GET", "GET"},
	{"", ""},
};

static const struct
{
	const char *uri;
	const char *covered;
} uris[] = {
	{"https://shop.example/users/42/x?user=42", "https://shop.example/users/{42}/x?user={42}"},
	{"https://shop.example?user=42", "https://shop.example?user={42}"},
	{"https://shop.example", "https://shop.example"},
	{"https://shop.example/x#/users/42", "https://shop.example/x#***"},
	{"//shop.example/users/42", "***"},
	{"/\\shop.example/users/42", "***"},
	{"https:/users/42", "***"},
	{"users/42", "***"},
	{"a, https://shop.example/users/42", "***"},
	{"/users/42", "/users/{42}"},
	{"", ""},
};

static UidSources sources;

static void
begin(void)
{
	const char *problem;

	uid_hash_set_key("a key");
	ck_assert(
		uid_sources_parse(span_of("header:X, query:user, path:/users/{uid}/, path:/u/{uid}/, "
								  "lookup:path:/~{uid}/, lookup:query:sid, jwt:sub@query:token"),
						  &sources, &problem));
}

static void
is_covered(Buffer *out, const char *expected)
{
	Buffer wanted = {0};

	for (; *expected != '\0'; expected++)
	{
		const char *end = *expected == '{' ? strchr(expected, '}') : NULL;

		if (end == NULL)
		{
			buffer_append(&wanted, expected, 1);
			continue;
		}
		buffer_text(&wanted, redact_uid(expected + 1, (size_t) (end - expected) - 1));
		expected = end;
	}
	buffer_append(&wanted, "", 1);
	buffer_append(out, "", 1);
	ck_assert_str_eq(buffer_first(out), buffer_first(&wanted));
	buffer_free(&wanted);
	buffer_free(out);
}

START_TEST(test_line)
{
	Buffer out = {0};

	begin();
	redact_line(&out, &sources, UID_INTEGER, span_of(lines[_i].line));
	is_covered(&out, lines[_i].covered);
}
END_TEST

START_TEST(test_uri)
{
	Buffer out = {0};

	begin();
	redact_uri(&out, &sources, UID_INTEGER, span_of(uris[_i].uri));
	is_covered(&out, uris[_i].covered);
}
END_TEST

START_TEST(test_text)
{
	Buffer out = {0};

	begin();
	redact_text(&out, span_of("user 42 of 142: \"42\", 42"), span_of("42"));
	is_covered(&out, "user {42} of 142: \"{42}\", {42}");
}
END_TEST

START_TEST(test_wanted)
{
	const char *problem;

	begin();
	ck_assert(redact_wanted(&sources));
	ck_assert(uid_sources_parse(span_of("header:X, cookie:a, jwt:sub"), &sources, &problem));
	ck_assert(!redact_wanted(&sources));
	ck_assert(uid_sources_parse(span_of("jwt:sub@cookie:a, jwt:sub@query:b"), &sources, &problem));
	ck_assert(redact_wanted(&sources));
}
END_TEST

TCase *
redact_cases(void)
{
	TCase *tcase = tcase_create("redact");

	tcase_add_loop_test(tcase, test_line, 0, sizeof(lines) / sizeof(lines[0]));
	tcase_add_loop_test(tcase, test_uri, 0, sizeof(uris) / sizeof(uris[0]));
	tcase_add_test(tcase, test_text);
	tcase_add_test(tcase, test_wanted);
	return tcase;
}
