/*
 * buffer_test.c: numbers and formatted text at the end of a buffer
 */
#include "gateway_test.h"

#include "base/buffer.h"

static const struct
{
	uint64_t	number;
	unsigned	base;
	unsigned	digits;
	const char *text;
} numbers[] = {
	{0, 10, 1, "0"},
	{7, 10, 3, "007"},
	{999, 10, 3, "999"},
	{1000, 10, 3, "1000"},
	{200, 10, 1, "200"},
	{0, 16, 1, "0"},
	{0xbeef, 16, 1, "beef"},
	{0xbeef, 16, 16, "000000000000beef"},
	{UINT64_MAX, 10, 1, "18446744073709551615"},
	{UINT64_MAX, 16, 16, "ffffffffffffffff"},
};

START_TEST(test_number)
{
	Buffer out = {0};

	buffer_number(&out, numbers[_i].number, numbers[_i].base, numbers[_i].digits);
	buffer_append(&out, "", 1);
	ck_assert_str_eq(out.bytes, numbers[_i].text);
	buffer_free(&out);
}
END_TEST

/* Lengths around those at which the text does not fit at once. */
START_TEST(test_format)
{
	Buffer out = {0};

	buffer_text(&out, "<");
	buffer_format(&out, "%*s", _i, "x");
	buffer_text(&out, ">");
	ck_assert_uint_eq(buffer_length(&out), (size_t) _i + 2);
	ck_assert_mem_eq(buffer_first(&out) + _i, "x>", 2);
	buffer_free(&out);
}
END_TEST

TCase *
buffer_cases(void)
{
	TCase *tcase = tcase_create("buffer");

	tcase_add_loop_test(tcase, test_number, 0, sizeof(numbers) / sizeof(numbers[0]));
	tcase_add_loop_test(tcase, test_format, 120, 135);
	tcase_add_loop_test(tcase, test_format, 250, 260);
	return tcase;
}
