/*
 * address_test.c: addresses in the configuration
 */
#include "gateway_test.h"

#include "address.h"

static const struct
{
	const char *text;
	const char *formatted; /* NULL: refused */
	unsigned	allowed;
	bool		tls;
	bool		proxy;
} cases[] = {
	{"127.0.0.1:8080", "127.0.0.1:8080", ADDRESS_PLAIN, false, false},
	{"[::1]:80", "[::1]:80", ADDRESS_PLAIN, false, false},
	{"0.0.0.0:0", "0.0.0.0:0", ADDRESS_PLAIN, false, false},
	{"unix:/run/x.sock", "unix", ADDRESS_PLAIN, false, false},
	{"127.0.0.1", NULL, ADDRESS_PLAIN, false, false},
	{"127.0.0.1:", NULL, ADDRESS_PLAIN, false, false},
	{"127.0.0.1:http", NULL, ADDRESS_PLAIN, false, false},
	{"127.0.0.1:65536", NULL, ADDRESS_PLAIN, false, false},
	{"127.0.0.1:-1", NULL, ADDRESS_PLAIN, false, false},
	{":8080", NULL, ADDRESS_PLAIN, false, false},
	{"::1:80", NULL, ADDRESS_PLAIN, false, false},
	{"unix:run/x.sock", NULL, ADDRESS_PLAIN, false, false},
	{"unix:", NULL, ADDRESS_PLAIN, false, false},
	{"", NULL, ADDRESS_PLAIN, false, false},
	{"tls:127.0.0.1:443", "127.0.0.1:443", ADDRESS_TLS, true, false},
	{"tls:unix:/run/x.sock", "unix", ADDRESS_TLS, true, false},
	{"tls:127.0.0.1:443", NULL, ADDRESS_PLAIN, false, false},
	{"proxy:127.0.0.1:80", "127.0.0.1:80", ADDRESS_TLS | ADDRESS_PROXY, false, true},
	{"proxy:tls:[::1]:443", "[::1]:443", ADDRESS_TLS | ADDRESS_PROXY, true, true},
	{"tls:proxy:[::1]:443", NULL, ADDRESS_TLS | ADDRESS_PROXY, false, false},
	{"proxy:127.0.0.1:80", NULL, ADDRESS_TLS, false, false},
};

START_TEST(test_parse)
{
	Address		address;
	const char *problem = NULL;
	char		text[ADDRESS_TEXT_MAX];
	bool good = address_parse(span_of(cases[_i].text), cases[_i].allowed, &address, &problem);

	ck_assert_msg(good == (cases[_i].formatted != NULL), "%s", cases[_i].text);
	if (!good)
	{
		ck_assert_ptr_nonnull(problem);
		return;
	}
	address_format((const struct sockaddr *) &address.socket, text, sizeof(text));
	ck_assert_str_eq(text, cases[_i].formatted);
	ck_assert_str_eq(address.text, cases[_i].text);
	ck_assert(address.tls == cases[_i].tls && address.proxy == cases[_i].proxy);
}
END_TEST

TCase *
address_cases(void)
{
	TCase *tcase = tcase_create("address");

	tcase_add_loop_test(tcase, test_parse, 0, sizeof(cases) / sizeof(cases[0]));
	return tcase;
}
