/*
 * release_name_test.c: what a release may be called
 */
#include "gateway_test.h"

#include <string.h>

#include "routing/release_name.h"

#define TEN "abcdefghij"

static const struct
{
	const char *name;
	bool		valid;
} names[] = {
	{"v2", true},
	{"2", true},
	{"-", true},
	{"_A-z0-9_", true},
	{TEN TEN TEN TEN TEN TEN "abc", true},
	{TEN TEN TEN TEN TEN TEN "abcd", false},
	{"", false},
	{" ", false},
	{"two words", false},
	{"v2 ", false},
	{"v2\n", false},
	{"v.2", false},
	{"v/2", false},
	{"v:2", false},
	{"v\"2", false},
	{"v\xc3\xa9", false},
};

START_TEST(test_name)
{
	ck_assert_msg(release_name_is_valid(names[_i].name) == names[_i].valid, "\"%s\"",
				  names[_i].name);
}
END_TEST

/* Each byte alone: 26 small and 26 large letters, 10 digits, _ and -. */
START_TEST(test_bytes)
{
	unsigned valid = 0;

	for (int byte = 1; byte < 256; byte++)
		valid += release_name_is_valid((char[]){(char) byte, '\0'});
	ck_assert_uint_eq(valid, 64);
}
END_TEST

TCase *
release_name_cases(void)
{
	TCase *tcase = tcase_create("release_name");

	tcase_add_loop_test(tcase, test_name, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_test(tcase, test_bytes);
	return tcase;
}
