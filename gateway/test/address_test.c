/*
 * address_test.c: addresses in the configuration
 */
#include "gateway_test.h"

#include "base/address.h"

static const struct
{
	const char *text;
	const char *formatted; /* NULL: refused; "": a name */
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
	{"127.1:80", "127.0.0.1:80", ADDRESS_PLAIN, false, false},
	{"localhost:80", "", ADDRESS_PLAIN, false, false},
	{"tls:a_b-c.example:443", "", ADDRESS_TLS, true, false},
	{"10.0.0.300:80", NULL, ADDRESS_PLAIN, false, false},
	{"a.b.300:80", NULL, ADDRESS_PLAIN, false, false},
	{"[localhost:1]:80", NULL, ADDRESS_PLAIN, false, false},
	{"a b:80", NULL, ADDRESS_PLAIN, false, false},
	{"a/b:80", NULL, ADDRESS_PLAIN, false, false},
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
	ck_assert_int_eq(address.socket_length == 0, cases[_i].formatted[0] == '\0');
	if (address.socket_length > 0)
	{
		address_format((const struct sockaddr *) &address.socket, text, sizeof(text));
		ck_assert_str_eq(text, cases[_i].formatted);
	}
	ck_assert_str_eq(address.text, cases[_i].text);
	ck_assert(address.tls == cases[_i].tls && address.proxy == cases[_i].proxy);
}
END_TEST

/* Both families have the port of the name. */
START_TEST(test_found)
{
	static const char *const numbers[][2] = {{"127.0.0.2:1", "tls:app.example/127.0.0.2:8443"},
											 {"[::1]:1", "tls:app.example/[::1]:8443"}};
	Address					 name;
	Address					 where;
	Address					 found;
	const char				*problem;

	ck_assert(address_parse(span_of("tls:app.example:8443"), ADDRESS_TLS, &name, &problem));
	ck_assert(address_parse(span_of(numbers[_i][0]), 0, &where, &problem));
	found = address_found(&name, &where.socket);
	ck_assert_str_eq(found.text, numbers[_i][1]);
	ck_assert_str_eq(found.host, "app.example");
	ck_assert(found.tls);
	ck_assert_uint_eq(found.socket_length, where.socket_length);
	ck_assert_uint_eq(found.port, 8443);
}
END_TEST

TCase *
address_cases(void)
{
	TCase *tcase = tcase_create("address");

	tcase_add_loop_test(tcase, test_parse, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_loop_test(tcase, test_found, 0, 2);
	return tcase;
}
