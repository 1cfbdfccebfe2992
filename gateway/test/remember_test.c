/*
 * remember_test.c: signed values of cookies: what is taken, and what is not
 */
#include "gateway_test.h"

#include <string.h>

#include "user/remember.h"

#define ONE "0123456789abcdef0123456789abcdef"
#define TWO "ABCDEF0123456789ABCDEF0123456789"
#define NOW 1800000000

static RememberKeys
keys_of(const char *text)
{
	RememberKeys keys;
	const char	*problem;

	ck_assert(remember_keys_parse(span_of(text), &keys, &problem));
	return keys;
}

/* Of user text, for a minute, zero-terminated. */
static Buffer
signed_value(const char *keys_text, const char *text)
{
	RememberKeys keys = keys_of(keys_text);
	Remembered	 remembered = {.expires = NOW + 60, .length = strlen(text)};
	Buffer		 out = {0};

	memcpy(remembered.text, text, remembered.length);
	remember_sign(&keys, REMEMBER_USER, "v2", &remembered, &out);
	buffer_append(&out, "", 1);
	return out;
}

static bool
good(const char *keys_text, const char *release, Span value, time_t now)
{
	RememberKeys keys = keys_of(keys_text);
	Remembered	 remembered;
	const char	*problem = NULL;
	bool found = remember_verify(&keys, REMEMBER_USER, release, value, now, &remembered, &problem);

	ck_assert(found || problem != NULL);
	return found;
}

static const struct
{
	const char *text;
	size_t		count; /* 0: refused */
	const char *problem;
} key_lists[] = {
	{ONE, 1, NULL},
	{ONE "\n" TWO "\n", 2, NULL},
	{" " ONE ", " TWO, 2, NULL},
	{"", 0, "has no key"},
	{" ,\n", 0, "has no key"},
	{ONE " short", 0, "has a key of less than 32 bytes; type: openssl rand -base64 32"},
	{"0123456789abcdef0123456789abcde", 0,
	 "has a key of less than 32 bytes; type: openssl rand -base64 32"},
	{ONE " " ONE " " ONE " " ONE " " ONE " " ONE " " ONE " " ONE, 8, NULL},
	{ONE " " ONE " " ONE " " ONE " " ONE " " ONE " " ONE " " ONE " " ONE, 0, "has more than 8 keys"},
};

START_TEST(test_keys)
{
	RememberKeys keys;
	const char	*problem;

	ck_assert(remember_keys_parse(span_of(key_lists[_i].text), &keys, &problem) ==
			  (key_lists[_i].count > 0));
	if (key_lists[_i].count > 0)
		ck_assert_uint_eq(keys.count, key_lists[_i].count);
	else
		ck_assert_str_eq(problem, key_lists[_i].problem);
}
END_TEST

START_TEST(test_there_and_back)
{
	static const char *const texts[] = {"4", "42", "421", "4711", "u7@example.org", "\xc3\xa4 %;"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		RememberKeys keys = keys_of(ONE);
		Buffer		 value = signed_value(ONE, texts[i]);
		Remembered	 remembered;
		const char	*problem;

		ck_assert_uint_eq(strspn(buffer_first(&value),
								 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
						  strlen(buffer_first(&value)));
		ck_assert(remember_verify(&keys, REMEMBER_USER, "v2", span_of(buffer_first(&value)), NOW,
								  &remembered, &problem));
		ck_assert_str_eq(remembered.text, texts[i]);
		ck_assert_uint_eq(remembered.length, strlen(texts[i]));
		ck_assert_int_eq(remembered.expires, NOW + 60);
		buffer_free(&value);
	}
}
END_TEST

START_TEST(test_worth_nothing)
{
	Buffer		 value = signed_value(ONE, "42");
	Span		 whole = span_of(buffer_first(&value));
	RememberKeys keys = keys_of(ONE);
	Remembered	 remembered;
	const char	*problem;

	ck_assert(good(ONE, "v2", whole, NOW + 59));
	ck_assert(!good(ONE, "v2", whole, NOW + 60));
	ck_assert(!good(ONE, "v3", whole, NOW));
	ck_assert(!good(TWO, "v2", whole, NOW));
	ck_assert(!remember_verify(&keys, REMEMBER_SIDE, "v2", whole, NOW, &remembered, &problem));
	for (size_t i = 0; i < whole.length; i++)
	{
		char was = value.bytes[i];

		ck_assert(!good(ONE, "v2", (Span){whole.bytes, i}, NOW));
		for (const char *other = "A9-_=. \x7f"; *other != '\0'; other++)
		{
			value.bytes[i] = *other;
			ck_assert(*other == was || !good(ONE, "v2", whole, NOW));
		}
		value.bytes[i] = was;
	}
	/* The zero byte behind it is none of its letters. */
	ck_assert(!good(ONE, "v2", (Span){whole.bytes, whole.length + 1}, NOW));
	ck_assert(good(ONE, "v2", whole, NOW));
	buffer_free(&value);
}
END_TEST

/* The bits of the last letter that say nothing are zero: else one value had many spellings. */
START_TEST(test_last_bits)
{
	static const char *const texts[] = {"421", "4711"}; /* four such bits, and two */

	for (size_t i = 0; i < 2; i++)
	{
		Buffer value = signed_value(ONE, texts[i]);
		char  *last = &value.bytes[buffer_length(&value) - 2];
		char   was = *last;

		ck_assert_uint_eq((buffer_length(&value) - 1) % 4, 2 + i);
		for (const char *other = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
			 *other != '\0'; other++)
		{
			*last = *other;
			ck_assert(good(ONE, "v2", span_of(buffer_first(&value)), NOW) == (*other == was));
		}
		buffer_free(&value);
	}
}
END_TEST

START_TEST(test_rotation)
{
	Buffer old = signed_value(ONE, "42");
	Buffer next = signed_value(TWO " " ONE, "42");

	ck_assert(good(TWO "\n" ONE, "v2", span_of(buffer_first(&old)), NOW));
	ck_assert(good(TWO, "v2", span_of(buffer_first(&next)), NOW));
	ck_assert(!good(ONE, "v2", span_of(buffer_first(&next)), NOW));
	buffer_free(&old);
	buffer_free(&next);
}
END_TEST

START_TEST(test_longest)
{
	char   text[REMEMBER_TEXT_MAX + 1];
	Buffer value;

	memset(text, 'u', REMEMBER_TEXT_MAX);
	text[REMEMBER_TEXT_MAX] = '\0';
	value = signed_value(ONE, text);
	ck_assert(good(ONE, "v2", span_of(buffer_first(&value)), NOW));
	buffer_cut(&value, buffer_length(&value) - 1);
	buffer_append(&value, "AAAA", 5);
	ck_assert(!good(ONE, "v2", span_of(buffer_first(&value)), NOW));
	buffer_free(&value);
}
END_TEST

TCase *
remember_cases(void)
{
	TCase *tcase = tcase_create("remember");

	tcase_add_loop_test(tcase, test_keys, 0, sizeof(key_lists) / sizeof(key_lists[0]));
	tcase_add_test(tcase, test_there_and_back);
	tcase_add_test(tcase, test_worth_nothing);
	tcase_add_test(tcase, test_last_bits);
	tcase_add_test(tcase, test_rotation);
	tcase_add_test(tcase, test_longest);
	return tcase;
}
