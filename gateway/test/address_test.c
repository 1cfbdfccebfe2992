/*
 * address_test.c: addresses in the configuration
 */
#include "gateway_test.h"

#include "address.h"

static const struct
{
	const char *text;
	const char *formatted; /* NULL: refused */
} cases[] = {
	{"127.0.0.1:8080", "127.0.0.1:8080"},
	{"[::1]:80", "[::1]:80"},
	{"0.0.0.0:0", "0.0.0.0:0"},
	{"unix:/run/x.sock", "unix"},
	{"127.0.0.1", NULL},
	{"127.0.0.1:", NULL},
	{"127.0.0.1:http", NULL},
	{"127.0.0.1:65536", NULL},
	{"127.0.0.1:-1", NULL},
	{":8080", NULL},
	{"::1:80", NULL},
	{"unix:run/x.sock", NULL},
	{"unix:", NULL},
	{"", NULL},
};

START_TEST(test_parse)
{
	Address		address;
	const char *problem = NULL;
	char		text[ADDRESS_TEXT_MAX];
	bool		good = address_parse(span_of(cases[_i].text), &address, &problem);

	ck_assert_msg(good == (cases[_i].formatted != NULL), "%s", cases[_i].text);
	if (!good)
	{
		ck_assert_ptr_nonnull(problem);
		return;
	}
	address_format((const struct sockaddr *) &address.socket, text, sizeof(text));
	ck_assert_str_eq(text, cases[_i].formatted);
	ck_assert_str_eq(address.text, cases[_i].text);
}
END_TEST

TCase *
address_cases(void)
{
	TCase *tcase = tcase_create("address");

	tcase_add_loop_test(tcase, test_parse, 0, sizeof(cases) / sizeof(cases[0]));
	return tcase;
}
