/*
 * uid_test.c: finding the uid in a request, and its canonical form
 */
#include "gateway_test.h"

#include <stdio.h>
#include <string.h>

#include "http/message.h"
#include "user/uid.h"

#define UNCLEAR "(unclear)"

static const struct
{
	const char *sources;
	const char *target;
	const char *fields;
	const char *uid; /* NULL: none; UNCLEAR: the request is refused */
} extractions[] = {
	{"header:X-User-Id", "/", "X-User-Id: 42\r\n", "42"},
	{"header:x-user-id", "/", "X-USER-ID:  42 \r\n", "42"},
	{"header:X-User-Id", "/", "X-User-Id: \r\n", NULL},
	{"header:X-User-Id", "/", "X-User: 42\r\n", NULL},
	{"header:X-User-Id", "/", "", NULL},
	{"cookie:uid", "/", "Cookie: a=b; uid=42; c=d\r\n", "42"},
	{"cookie:uid", "/", "Cookie: uid=\"42\"\r\n", "42"},
	{"cookie:uid", "/", "Cookie: xuid=1;uid=42\r\n", "42"},
	{"cookie:uid", "/", "Cookie: a=1\r\nCookie: uid=42\r\n", "42"},
	{"cookie:uid", "/", "Cookie: uid=\r\n", NULL},
	{"cookie:uid", "/", "Cookie: UID=42\r\n", NULL},
	{"cookie:uid", "/", "Cookie: uid\r\n", NULL},
	{"query:user", "/?user=42", "", "42"},
	{"query:user", "/x?a=b&user=4%32&c", "", "42"},
	{"query:user", "/x?user=a+b%20c", "", "a b c"},
	{"query:user", "/x?%75ser=42", "", "42"},
	{"query:user", "/x?us%65r=42", "", "42"},
	{"query:user", "/x?user%3D42", "", NULL},
	{"query:user", "/x?user%3D42=43", "", NULL},
	{"query:user", "/x?xuser=42&user2=42&user", "", NULL},
	{"query:user", "/x?user=1&us%65r=2", "", UNCLEAR},
	{"query:user", "/x?user=1&user=1", "", UNCLEAR},
	{"query:user", "/x?user=1&user=", "", UNCLEAR},
	{"query:user", "/x?user=1&User=2", "", UNCLEAR},
	{"query:user", "/x?USER=1", "", UNCLEAR},
	{"query:user", "/x?%20user=1", "", UNCLEAR},
	{"query:user", "/x?+user=1", "", UNCLEAR},
	{"query:user", "/x?user%00=1", "", UNCLEAR},
	{"query:user", "/x?user=1%00", "", UNCLEAR},
	{"query:user", "/x?user=1;x=2", "", UNCLEAR},
	{"query:user", "/x?a=1;user=2", "", UNCLEAR},
	{"query:user", "/x?a=1;b=2", "", NULL},
	{"query:user", "/x?a=1;b=2&user=3", "", "3"},
	{"query:user", "/x?user[]=1", "", UNCLEAR},
	{"query:user", "/x?user=1&user%5B%5D=2", "", UNCLEAR},
	{"query:user", "/x?users[]=1&xuser[]=2", "", NULL},
	{"query:user_id", "/x?user.id=1", "", UNCLEAR},
	{"query:user_id", "/x?user[id=1", "", UNCLEAR},
	{"query:user_id", "/x?user-id=1&userid=2&user_id_=3&_user_id=4", "", NULL},
	{"query:user", "/x?user=1?user=2", "", "1?user=2"},
	{"query:user", "/x?user=4%3", "", UNCLEAR},
	{"query:user", "/x?user=%zz", "", UNCLEAR},
	{"query:user", "/x?user=", "", NULL},
	{"query:user", "/user=42", "", NULL},
	{"path:/users/{uid}/", "/users/42/orders", "", "42"},
	{"path:/users/{uid}/", "/users/42/", "", "42"},
	{"path:/users/{uid}/", "/users/42", "", "42"},
	{"path:/users/{uid}/", "/users/42?x=/users/43/", "", "42"},
	{"path:/users/{uid}/", "/users/a%20b+c/", "", "a b+c"},
	{"path:/users/{uid}/", "/users/a%2Fb+c/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42%2f", "", UNCLEAR},
	{"path:/users/{uid}/", "//users/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users//42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/./42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/./users/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/a/../users/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/a/%2e%2E/users/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/43/../42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42/..", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42/../..", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42/a/../b", "", "42"},
	{"path:/users/{uid}/", "/users/42//b;c=d", "", "42"},
	{"path:/users/{uid}/", "/users/42;a=b/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users;a/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42%3b/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42%00/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users\\42", "", UNCLEAR},
	{"path:/users/{uid}/", "/Users/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/a/../b//c;d/%2e/E", "", NULL},
	{"path:/users/{uid}/", "/users//", "", NULL},
	{"path:/users/{uid}/", "/users/", "", NULL},
	{"path:/users/{uid}/", "/user/42/", "", NULL},
	{"path:/users/{uid}/orders", "/users/42/orders/7", "", "42"},
	{"path:/users/{uid}/orders", "/users/42/items", "", NULL},
	{"path:/users/{uid}/orders", "/users/42", "", NULL},
	{"path:/users/{uid}/", "/%75sers/42/", "", "42"},
	{"path:/users/{uid}/", "/users%2F42/", "", UNCLEAR},
	{"path:/users/{uid}/orders", "/users/42/%6frders", "", "42"},
	{"path:/users/{uid}/orders", "/users/42%2forders", "", UNCLEAR},
	{"path:/{uid}", "/42", "", "42"},
	{"path:/~{uid}/", "/~anna/", "", "anna"},
	{"path:/~{uid}/", "/~anna", "", "anna"},
	{"path:/~{uid}/", "/%7Eanna/x", "", "anna"},
	{"path:/~{uid}/", "/~/", "", NULL},
	{"path:/~{uid}/", "/anna/", "", NULL},
	{"path:/~{uid}/", "/x/~anna/", "", NULL},
	{"path:/~{uid}/", "/x/../~anna/", "", UNCLEAR},
	{"path:/@{uid}", "/@anna/followers", "", "anna"},
	{"path:/@{uid}", "/%40anna", "", "anna"},
	{"path:/@{uid}", "/anna@example.org", "", NULL},
	{"path:/.well-known/{uid}/", "/.well-known/anna", "", "anna"},
	/* Servers differ in what they do to a path; each of these is another user to some. */
	{"path:/users/{uid}/", "/users/42//../../users/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42/a//../..", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/43/..%2f42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42/%2e%2e/43/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42/.%2E/43/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42/..;/43/", "", UNCLEAR},
	{"path:/users/{uid}/", "/x/..;a=b/users/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/x/%2e%2e/users/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/x%2f..%2fusers/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/x/../users/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/x/./../users//42", "", UNCLEAR},
	{"path:/users/{uid}/", "/../users/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/x\\..\\users\\42", "", UNCLEAR},
	{"path:/users/{uid}/", "/users%5c42", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42\\..\\43/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42./", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42%2e", "", UNCLEAR},
	{"path:/users/{uid}/", "/users./42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/42.../x", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/./", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/../", "", UNCLEAR},
	{"path:/users/{uid}/", "/USERS/42", "", UNCLEAR},
	{"path:/users/{uid}/", "/%55sers/42", "", UNCLEAR},
	{"path:/users/{uid}/", "/users;x=y/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users%3bx/42/", "", UNCLEAR},
	{"path:/users/{uid}/", "/users/;x/42/", "", UNCLEAR},
	{"path:/users/{uid}/orders", "/users/42//orders", "", UNCLEAR},
	{"path:/users/{uid}/orders", "/users/42/./orders", "", UNCLEAR},
	{"path:/users/{uid}/orders", "/users/42/Orders", "", UNCLEAR},
	{"path:/users/{uid}/orders", "/users/42/items/../orders", "", UNCLEAR},
	/* And here there is nothing to differ about. */
	{"path:/users/{uid}/", "/users/j.doe/", "", "j.doe"},
	{"path:/users/{uid}/", "/users/.j/", "", ".j"},
	{"path:/users/{uid}/", "/users/42/a/./b", "", "42"},
	{"path:/users/{uid}/", "/users/42/%2e/b;c/d.", "", "42"},
	{"path:/users/{uid}/", "/static//a/../b.;c%2f..%5c", "", NULL},
	{"cookie:uid", "/", "Cookie: uid=u7%40example.org\r\n", UNCLEAR},
	{"cookie:uid", "/", "Cookie: uid=100%\r\n", "100%"},
	{"cookie:uid", "/", "Cookie: uid=%zz\r\n", "%zz"},
	{"cookie:uid:raw", "/", "Cookie: uid=u7%40example.org\r\n", "u7%40example.org"},
	{"cookie:uid:decoded", "/", "Cookie: uid=u7%40example.org\r\n", "u7@example.org"},
	{"cookie:uid:decoded", "/", "Cookie: uid=\"u7%40example.org\"\r\n", "u7@example.org"},
	{"cookie:uid:decoded", "/", "Cookie: uid=u7@example.org\r\n", "u7@example.org"},
	{"cookie:uid:decoded", "/", "Cookie: uid=a+b%2Bc\r\n", "a+b+c"},
	{"cookie:uid:decoded", "/", "Cookie: uid=%4\r\n", UNCLEAR},
	{"cookie:uid:decoded", "/", "Cookie: uid=4%002\r\n", UNCLEAR},
	{"cookie:uid:decoded", "/", "Cookie: uid=%ff\r\n", UNCLEAR},
	{"cookie:uid:decoded", "/", "Cookie: uid=%c3%a9\r\n", "\xc3\xa9"},
	{"cookie:uid:decoded", "/", "Cookie: uid=\r\n", NULL},
	{"cookie:uid:decoded", "/", "Cookie: uid=%34; uid=4\r\n", UNCLEAR},
	{"cookie:uid:form", "/", "Cookie: uid=a+b%2Bc\r\n", "a b+c"},
	{"header:X-User-Id", "/", "X-User-Id: 1\r\nX-User-Id: 1\r\n", UNCLEAR},
	{"cookie:uid", "/", "Cookie: uid=1; uid=2\r\n", UNCLEAR},
	{"cookie:uid", "/", "Cookie: uid=1\r\nCookie: uid=2\r\n", UNCLEAR},
	{"cookie:uid", "/", "Cookie: uid=1; a=b; uid=\"1\"\r\n", "1"},
	{"cookie:uid", "/", "Cookie: uid =1\r\n", UNCLEAR},
	{"cookie:uid", "/", "Cookie: uid=1, uid=2\r\n", UNCLEAR},
	{"cookie:uid", "/", "Cookie: uid=1 uid=2\r\n", UNCLEAR},
	{"cookie:uid", "/", "Cookie: a=b,uid =2\r\n", UNCLEAR},
	{"cookie:uid", "/", "Cookie: uid=1; a=\"uid=2\"\r\n", UNCLEAR},
	{"cookie:uid", "/", "Cookie: uid=\"4\\0622\"\r\n", UNCLEAR},
	{"cookie:uid", "/", "Cookie: uid=1; xuid=2; a=uid; b=c:uid=3, uids=4\r\n", "1"},
	{"header:X-User-Id, cookie:uid", "/", "Cookie: uid=1\r\nX-User-Id:\r\n", "1"},
	{"header:X-User-Id, cookie:uid", "/", "Cookie: uid=1\r\nX-User-Id: 2\r\nx-user-id: 2\r\n",
	 UNCLEAR},
	{"query:user, cookie:uid", "/?user=%4", "Cookie: uid=1\r\n", UNCLEAR},
	{"query:user, cookie:uid", "/?user=", "Cookie: uid=1\r\n", "1"},
	{"path:/users/{uid}/, cookie:uid", "/users/%/", "Cookie: uid=1\r\n", UNCLEAR},
	{"path:/users/{uid}/, cookie:uid", "/%/42/", "Cookie: uid=1\r\n", "1"},
	{"header:X-User-Id, cookie:uid", "/", "Cookie: uid=1\r\n", "1"},
	{"header:X-User-Id, cookie:uid", "/", "Cookie: uid=1\r\nX-User-Id: 2\r\n", "2"},
};

START_TEST(test_extract)
{
	UidSources	sources;
	TokenRules	rules = {0};
	Message		message = {0};
	Head		head;
	Uid			uid;
	char		request[1024];
	const char *problem;
	int			length = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: h\r\n%s\r\n",
								  extractions[_i].target, extractions[_i].fields);
	UidResult	result;
	const char *expected = extractions[_i].uid;

	ck_assert(uid_sources_parse(span_of(extractions[_i].sources), &sources, &problem));
	ck_assert_int_eq(message_request_head(&message, request, (size_t) length, &head, &problem),
					 HEAD_COMPLETE);
	result = uid_extract(&sources, &rules, &head, &uid);
	ck_assert_msg(result == (expected == NULL				  ? UID_NONE
							 : strcmp(expected, UNCLEAR) == 0 ? UID_UNCLEAR
															  : UID_FOUND),
				  "%s", request);
	if (result == UID_FOUND)
		ck_assert_str_eq(uid.bytes, expected);
}
END_TEST

/* How long a uid may be, in its meaning; one that is too long ends the search. */
START_TEST(test_length)
{
	static const char *const requests[] =
		{"GET / HTTP/1.1\r\nHost: h\r\nX-User-Id: 1234\r\nCookie: uid=1\r\n\r\n",
		 "GET /?user=%31%32%33%34 HTTP/1.1\r\nHost: h\r\nCookie: uid=1\r\n\r\n"};
	UidSources	sources;
	TokenRules	rules = {0};
	Message		message = {0};
	Head		head;
	Uid			uid;
	const char *problem;

	ck_assert(
		uid_sources_parse(span_of("header:X-User-Id, query:user, cookie:uid"), &sources, &problem));
	ck_assert_uint_eq(sources.max_bytes, UID_MAX_BYTES);
	ck_assert_int_eq(message_request_head(&message, requests[_i], strlen(requests[_i]), &head,
										  &problem),
					 HEAD_COMPLETE);
	sources.max_bytes = 4;
	ck_assert_int_eq(uid_extract(&sources, &rules, &head, &uid), UID_FOUND);
	ck_assert_str_eq(uid.bytes, "1234");
	sources.max_bytes = 3;
	ck_assert_int_eq(uid_extract(&sources, &rules, &head, &uid), UID_NONE);
}
END_TEST

/* No value is cut: what does not fit is no uid. */
START_TEST(test_longest)
{
	static const char *const places[] = {"header:X-U", "cookie:u", "query:u", "path:/{uid}/"};
	static const char *const formats[] = {"GET / HTTP/1.1\r\nHost: h\r\nX-U: %s\r\n\r\n",
										  "GET / HTTP/1.1\r\nHost: h\r\nCookie: u=%s\r\n\r\n",
										  "GET /?u=%s HTTP/1.1\r\nHost: h\r\n\r\n",
										  "GET /%s/ HTTP/1.1\r\nHost: h\r\n\r\n"};
	UidSources				 sources;
	TokenRules				 rules = {0};
	Head					 head;
	Uid						 uid;
	char					 value[UID_MAX_BYTES + 2] = "";
	char					 request[1024];
	const char				*problem;

	for (int length = UID_MAX_BYTES; length <= UID_MAX_BYTES + 1; length++)
	{
		Message message = {0};
		int		size;

		memset(value, '7', (size_t) length);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		size = snprintf(request, sizeof(request), formats[_i], value);
#pragma GCC diagnostic pop
		ck_assert(uid_sources_parse(span_of(places[_i]), &sources, &problem));
		ck_assert_int_eq(message_request_head(&message, request, (size_t) size, &head, &problem),
						 HEAD_COMPLETE);
		ck_assert_int_eq(uid_extract(&sources, &rules, &head, &uid),
						 length == UID_MAX_BYTES ? UID_FOUND : UID_NONE);
		if (length == UID_MAX_BYTES)
			ck_assert_str_eq(uid.bytes, value);
	}
}
END_TEST

static const char *const bad_sources[] = {
	"Header:X",
	"lookup:",
	"lookup:body:x",
	"lookup:lookup:cookie:x",
	"header:Host",
	"header:connection",
	"header:Keep-Alive",
	"header:Transfer-Encoding",
	"header:Content-Length",
	"header:Content_Length",
	"header:TE",
	"header:Trailer",
	"header:Upgrade",
	"header:Expect",
	"header:Proxy-Authorization",
	"header:X-Forwarded-For",
	"header:X-Gray-User",
	"header:X_Gray_User",
	"header:Cookie",
	"header:Authorization",
	"cookie:a b",
	"cookie:a=b",
	"cookie:a;b",
	"cookie:\"a\"",
	"cookie:a:",
	"cookie:a:Decoded",
	"cookie:a:decoded:raw",
	"cookie:\xc3\xa9",
	"query:a=b",
	"query:a[b]",
	"path:/users/{uid}/{uid}",
	"path:/{uid}/a{uid}",
	"path:/users/{uid}?x",
	"path:/us ers/{uid}",
	"path:/us%65rs/{uid}",
	"path:/a//{uid}",
	"path:/a/../{uid}",
	"path:/./{uid}",
	"path:/{uid}/..",
	"path:/a./{uid}",
	"path:/a;b/{uid}",
	"path:/a\\{uid}",
	"path:/#{uid}",
	"jwt:sub@query:",
	"jwt:sub@path:/{uid}",
	"jwt:sub@body:x",
	"jwt:sub@header:Connection",
	"jwt:sub@header:X-Gray-User",
	"jwt:\"sub\"",
	"header:X, header:x",
	"cookie:a, lookup:cookie:a:decoded",
	"query:a, query:a",
	"path:/{uid}/a, path:/{uid}/a",
	"jwt:sub, jwt:sub",
	"jwt:sub@cookie:a, jwt:sub@cookie:a",
	"header:a,header:b,header:c,header:d,header:e,header:f,header:g,header:h,header:i",
	"",
	"header",
	"header:",
	"header:a b",
	"jwt:",
	"body:uid",
	"header:a,",
	"path:/users/",
	"path:users/{uid}",
	"path:",
	"path:/u/{uid}x",
	"cookie:",
	"query:",
	"jwt:@cookie:x",
	"jwt:a b",
	"jwt:sub@cookie:",
	"jwt:sub@cookie:a b",
};

START_TEST(test_bad_source)
{
	UidSources	sources;
	const char *problem = NULL;

	ck_assert_msg(!uid_sources_parse(span_of(bad_sources[_i]), &sources, &problem), "%s",
				  bad_sources[_i]);
	ck_assert_ptr_nonnull(problem);
}
END_TEST

static const char *const good_sources[] = {
	"header:X-User-Id, cookie:uid, query:user, path:/users/{uid}/, jwt:sub",
	"lookup:header:Authorization, lookup:cookie:sid:decoded, lookup:query:s, lookup:path:/~{uid}/",
	"jwt:user.id@cookie:a, jwt:user.id@query:a, jwt:user.id@header:X-Token, jwt:user.id",
	"jwt:https://me@example.com:80/uid, lookup:jwt:https://example.com/sid@header:X-Token",
	"cookie:a:raw, cookie:b:form, query:a, header:a",
	"path:/.well-known/{uid}, path:/100%/{uid}, path:/\xc3\xa9/@{uid}/x",
};

/* What is printed of a place is what was given. */
START_TEST(test_good_source)
{
	UidSources	sources;
	UidSources	again;
	Buffer		printed = {0};
	const char *problem = NULL;

	ck_assert_msg(uid_sources_parse(span_of(good_sources[_i]), &sources, &problem), "%s: %s",
				  good_sources[_i], problem);
	for (size_t i = 0; i < sources.count; i++)
	{
		if (i > 0)
			buffer_text(&printed, ", ");
		uid_source_print(&sources.sources[i], &printed);
	}
	buffer_append(&printed, "", 1);
	ck_assert_str_eq(buffer_first(&printed), good_sources[_i]);
	buffer_free(&printed);
	ck_assert(uid_sources_parse(span_of(good_sources[_i]), &again, &problem));
	ck_assert(uid_sources_same(&sources, &again));
	again.sources[0].lookup = !again.sources[0].lookup;
	ck_assert(!uid_sources_same(&sources, &again));
}
END_TEST

/* Which places go through the query. */
static const struct
{
	const char *sources;
	bool		query;
	bool		good;
	unsigned	lookups; /* by bit */
} queries[] = {
	{"cookie:sid", true, true, 1},
	{"lookup:cookie:sid", true, true, 1},
	{"cookie:sid", false, true, 0},
	{"lookup:cookie:sid", false, false, 0},
	{"header:X, lookup:cookie:sid", true, true, 2},
	{"header:X, cookie:sid", true, false, 0},
	{"header:X, cookie:sid", false, true, 0},
};

START_TEST(test_query)
{
	UidSources	sources;
	const char *problem = NULL;
	unsigned	lookups = 0;

	ck_assert(uid_sources_parse(span_of(queries[_i].sources), &sources, &problem));
	ck_assert_int_eq(uid_sources_use_query(&sources, queries[_i].query, &problem), queries[_i].good);
	for (size_t i = 0; i < sources.count; i++)
		lookups |= (unsigned) sources.sources[i].lookup << i;
	if (queries[_i].good)
		ck_assert_uint_eq(lookups, queries[_i].lookups);
}
END_TEST

/* Of which place the answer is, and which ones before it had nothing good. */
START_TEST(test_place)
{
	static const struct
	{
		const char *fields;
		UidResult	result;
		unsigned	place;
		unsigned	refused;
	} cases[] = {
		{"X-Id: 1\r\n", UID_FOUND, 0, 0},
		{"Cookie: sid=1\r\n", UID_ASK, 1, 0},
		{"Cookie: sid=1\r\nX-Id: 12345\r\n", UID_NONE, 2, 1},
		{"Cookie: sid=12345\r\n", UID_ASK, 1, 0}, /* the length is that of uids */
		{"Cookie: sid=\xff\r\n", UID_NONE, 2, 2},
		{"X-Id: 12345\r\nAuthorization: Bearer x\r\n", UID_NONE, 2, 5},
		{"Cookie: sid=1; sid=2\r\n", UID_UNCLEAR, 1, 0},
		{"", UID_NONE, 2, 0},
	};
	UidSources	sources;
	TokenRules	rules = {0};
	Message		message = {0};
	Head		head;
	Uid			uid;
	char		request[256];
	const char *problem;

	ck_assert(
		uid_sources_parse(span_of("header:X-Id, lookup:cookie:sid, jwt:sub"), &sources, &problem));
	sources.max_bytes = 4;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		int length = snprintf(request, sizeof(request), "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n",
							  cases[i].fields);

		message = (Message){0};
		ck_assert_int_eq(message_request_head(&message, request, (size_t) length, &head, &problem),
						 HEAD_COMPLETE);
		ck_assert_int_eq(uid_extract(&sources, &rules, &head, &uid), cases[i].result);
		ck_assert_uint_eq(uid.place, cases[i].place);
		ck_assert_uint_eq(uid.refused, cases[i].refused);
	}
}
END_TEST

#define UUID "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"

static const struct
{
	UidType		type;
	const char *raw;
	const char *canonical; /* NULL: not of the type */
} forms[] = {
	{UID_INTEGER, "42", "42"},
	{UID_INTEGER, "042", "42"},
	{UID_INTEGER, "+42", "42"},
	{UID_INTEGER, "-42", "-42"},
	{UID_INTEGER, "-0042", "-42"},
	{UID_INTEGER, "-0", "0"},
	{UID_INTEGER, "+0", "0"},
	{UID_INTEGER, "000", "0"},
	{UID_INTEGER, "2147483647", "2147483647"},
	{UID_INTEGER, "2147483648", NULL},
	{UID_INTEGER, "-2147483648", "-2147483648"},
	{UID_INTEGER, "-2147483649", NULL},
	{UID_INTEGER, "00000000000000000000000000000001", "1"},
	{UID_INTEGER, " 42", "42"},
	{UID_INTEGER, "42 ", "42"},
	{UID_INTEGER, "\t\n\v\f\r -0042 \t\n\v\f\r", "-42"},
	{UID_INTEGER, " ", NULL},
	{UID_INTEGER, "- 42", NULL},
	{UID_INTEGER,
	 "\xa0"
	 "42",
	 NULL},
	{UID_UUID, " " UUID, NULL},
	{UID_UUID, UUID " ", NULL},
	{UID_UUID, "{" UUID "}", UUID},
	{UID_INTEGER, "", NULL},
	{UID_INTEGER, "-", NULL},
	{UID_INTEGER, "+-1", NULL},
	{UID_INTEGER, "4 2", NULL},
	{UID_INTEGER, "0x10", NULL},
	{UID_INTEGER, "1e3", NULL},
	{UID_INTEGER, "4.0", NULL},
	{UID_INTEGER, "abc", NULL},
	{UID_SMALLINT, "32767", "32767"},
	{UID_SMALLINT, "32768", NULL},
	{UID_SMALLINT, "-32768", "-32768"},
	{UID_SMALLINT, "-32769", NULL},
	{UID_BIGINT, "9223372036854775807", "9223372036854775807"},
	{UID_BIGINT, "9223372036854775808", NULL},
	{UID_BIGINT, "-9223372036854775808", "-9223372036854775808"},
	{UID_BIGINT, "-9223372036854775809", NULL},
	{UID_BIGINT, "99999999999999999999999999", NULL},
	{UID_UUID, UUID, UUID},
	{UID_UUID, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", UUID},
	{UID_UUID, "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}", UUID},
	{UID_UUID, "a0eebc999c0b4ef8bb6d6bb9bd380a11", UUID},
	{UID_UUID, "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11", UUID},
	{UID_UUID, "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}", UUID},
	{UID_UUID, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", NULL},
	{UID_UUID, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111", NULL},
	{UID_UUID, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-", NULL},
	{UID_UUID, "{" UUID, NULL},
	{UID_UUID, UUID "}", NULL},
	{UID_UUID, "a0e-ebc999c0b4ef8bb6d6bb9bd380a11", NULL},
	{UID_UUID, "a0ee--bc999c0b4ef8bb6d6bb9bd380a11", NULL},
	{UID_UUID, "g0eebc999c0b4ef8bb6d6bb9bd380a11", NULL},
	{UID_UUID, "", NULL},
	{UID_TEXT, "042", "042"},
	{UID_TEXT, "Jos\xc3\xa9", "Jos\xc3\xa9"},
	{UID_TEXT, " a b ", " a b "},
	{UID_TEXT, "\xe2\x82\xac", "\xe2\x82\xac"},
	{UID_TEXT, "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
	{UID_TEXT, "", NULL},
	{UID_TEXT, "\xff", NULL},
	{UID_TEXT, "\xc3", NULL},
	{UID_TEXT, "\xc0\xaf", NULL},
	{UID_TEXT, "\xed\xa0\x80", NULL},
	{UID_TEXT, "\xf4\x90\x80\x80", NULL},
	{UID_TEXT, "\xe0\x80\x80", NULL},
	{UID_UNKNOWN, "42", NULL},
	{UID_INTEGER, "0x79", NULL},
	{UID_BIGINT, "1_000", NULL},
	{UID_INTEGER_16, "0x79", "121"},
	{UID_INTEGER_16, "0X79", "121"},
	{UID_INTEGER_16, " -0x7F ", "-127"},
	{UID_INTEGER_16, "0x7fffffff", "2147483647"},
	{UID_INTEGER_16, "0x80000000", NULL},
	{UID_INTEGER_16, "-0x80000000", "-2147483648"},
	{UID_INTEGER_16, "-0x80000001", NULL},
	{UID_INTEGER_16, "0x00000000000000079", "121"},
	{UID_INTEGER_16, "0o17", "15"},
	{UID_INTEGER_16, "0O18", NULL},
	{UID_INTEGER_16, "0b101", "5"},
	{UID_INTEGER_16, "0B12", NULL},
	{UID_INTEGER_16, "0x", NULL},
	{UID_INTEGER_16, "0xg", NULL},
	{UID_INTEGER_16, "0x_79", "121"},
	{UID_INTEGER_16, "0x7_9", "121"},
	{UID_INTEGER_16, "0x79_", NULL},
	{UID_INTEGER_16, "0x_", NULL},
	{UID_INTEGER_16, "0b_2", NULL},
	{UID_INTEGER_16, "x79", NULL},
	{UID_INTEGER_16, "00x79", NULL},
	{UID_INTEGER_16, "7x9", NULL},
	{UID_INTEGER_16, "1_000", "1000"},
	{UID_INTEGER_16, "0_1", "1"},
	{UID_INTEGER_16, "_1", NULL},
	{UID_INTEGER_16, "-_1", NULL},
	{UID_INTEGER_16, "1_", NULL},
	{UID_INTEGER_16, "1__0", NULL},
	{UID_INTEGER_16, "1_ ", NULL},
	{UID_INTEGER_16, "017", "17"},
	{UID_INTEGER_16, "1e3", NULL},
	{UID_INTEGER_16, "2_147_483_648", NULL},
	{UID_SMALLINT_16, "0x7fff", "32767"},
	{UID_SMALLINT_16, "0x8000", NULL},
	{UID_BIGINT_16, "9_223_372_036_854_775_807", "9223372036854775807"},
	{UID_BIGINT_16, "-0x8000_0000_0000_0000", "-9223372036854775808"},
	{UID_BIGINT_16, "0x8000000000000000", NULL},
	{UID_BIGINT_16, "0b111111111111111111111111111111111111111111111111111111111111111",
	 "9223372036854775807"},
	{UID_BIGINT_16, "0b1000000000000000000000000000000000000000000000000000000000000000", NULL},
};

START_TEST(test_canonical)
{
	Uid	 uid = {.length = strlen(forms[_i].raw)};
	bool good;

	strcpy(uid.bytes, forms[_i].raw);
	good = uid_canonical(forms[_i].type, &uid);
	ck_assert_msg(good == (forms[_i].canonical != NULL), "%s", forms[_i].raw);
	if (!good)
		return;
	ck_assert_str_eq(uid.bytes, forms[_i].canonical);
	ck_assert_uint_eq(uid.length, strlen(forms[_i].canonical));
}
END_TEST

START_TEST(test_zero_byte)
{
	const UidType types[] = {UID_INTEGER, UID_UUID, UID_TEXT};
	Uid			  uid = {.length = 4, .bytes = {'4', '2', '\0', '1'}};
	Uid			  last = {.length = 3, .bytes = {'4', '2', '\0'}};

	ck_assert(!uid_canonical(types[_i], &uid));
	ck_assert(!uid_canonical(types[_i], &last));
}
END_TEST

START_TEST(test_types)
{
	ck_assert_int_eq(uid_type_parse(span_of("integer"), 150018), UID_INTEGER);
	ck_assert_int_eq(uid_type_parse(span_of("integer"), 160000), UID_INTEGER_16);
	ck_assert_int_eq(uid_type_parse(span_of("bigint"), 0), UID_BIGINT);
	ck_assert_int_eq(uid_type_parse(span_of("bigint"), 180001), UID_BIGINT_16);
	ck_assert_int_eq(uid_type_parse(span_of("smallint"), 170000), UID_SMALLINT_16);
	ck_assert_int_eq(uid_type_parse(span_of("uuid"), 170000), UID_UUID);
	ck_assert_int_eq(uid_type_parse(span_of("character varying"), 160000), UID_TEXT);
	ck_assert_int_eq(uid_type_parse(span_of(""), 0), UID_UNKNOWN);
	ck_assert_int_eq(uid_type_parse(span_of("json"), 160000), UID_UNKNOWN);
}
END_TEST

TCase *
uid_cases(void)
{
	TCase *tcase = tcase_create("uid");

	tcase_add_loop_test(tcase, test_extract, 0, sizeof(extractions) / sizeof(extractions[0]));
	tcase_add_loop_test(tcase, test_length, 0, 2);
	tcase_add_loop_test(tcase, test_longest, 0, 4);
	tcase_add_loop_test(tcase, test_bad_source, 0, sizeof(bad_sources) / sizeof(bad_sources[0]));
	tcase_add_loop_test(tcase, test_good_source, 0, sizeof(good_sources) / sizeof(good_sources[0]));
	tcase_add_loop_test(tcase, test_query, 0, sizeof(queries) / sizeof(queries[0]));
	tcase_add_test(tcase, test_place);
	tcase_add_loop_test(tcase, test_canonical, 0, sizeof(forms) / sizeof(forms[0]));
	tcase_add_loop_test(tcase, test_zero_byte, 0, 3);
	tcase_add_test(tcase, test_types);
	return tcase;
}
