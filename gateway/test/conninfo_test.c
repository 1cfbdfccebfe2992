/*
 * conninfo_test.c: the hosts that a connection string has
 */
#include "gateway_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/conninfo.h"

static const struct
{
	const char *hosts;
	const char *hostaddrs;
	const char *ports;
	const char *split;	 /* host|hostaddr|port, with blanks; NULL: refused */
	const char *problem; /* or that they don't fit */
} splits[] = {
	{NULL, NULL, NULL, "||5432", NULL},
	{"", "", "", "||5432", NULL},
	{"a", NULL, NULL, "a||5432", NULL},
	{"a,b", NULL, NULL, "a||5432 b||5432", NULL},
	{"a,b", "", "6000", "a||6000 b||6000", NULL},
	{"a,b", "", "6000,6001", "a||6000 b||6001", NULL},
	{"a,b", "", ",6001", "a||5432 b||6001", NULL},
	{"/run,b,::1", "", "1", "/run||1 b||1 ::1||1", NULL},
	{"a,b", "10.0.0.1,::1", "1,2", "a|10.0.0.1|1 b|::1|2", NULL},
	{"", "10.0.0.1,10.0.0.2", "", "|10.0.0.1|5432 |10.0.0.2|5432", NULL},
	{"a,a", "", "1,2", "a||1 a||2", NULL},
	{"a,b", "10.0.0.1", "", NULL, "host and hostaddr have not as many"},
	{"a", "", "1,2", NULL, "there are not as many ports as hosts"},
	{"a,b,c", "", "1,2", NULL, "there are not as many ports as hosts"},
	{"a,", "", "", NULL, "host or hostaddr has nothing beside a comma"},
	{",a", "", "", NULL, "host or hostaddr has nothing beside a comma"},
	{"a,b", "10.0.0.1,", "", NULL, "host or hostaddr has nothing beside a comma"},
	{"1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3", "", "", NULL,
	 "there are too many hosts"},
};

static void
join(const HostList *list, char *text, size_t size)
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < list->count; i++)
		length +=
			(size_t) snprintf(text + length, size - length, "%s%s|%s|%s", i > 0 ? " " : "",
							  list->hosts[i].host, list->hosts[i].hostaddr, list->hosts[i].port);
}

START_TEST(test_split)
{
	HostList	list;
	const char *problem;
	char		text[500];
	bool		good =
		conninfo_split(splits[_i].hosts, splits[_i].hostaddrs, splits[_i].ports, &list, &problem);

	ck_assert_int_eq(good, splits[_i].split != NULL);
	if (good)
	{
		join(&list, text, sizeof(text));
		ck_assert_str_eq(text, splits[_i].split);
	}
	else
	{
		ck_assert_str_eq(problem, splits[_i].problem);
		ck_assert_uint_eq(list.count, 0);
	}
	conninfo_free_hosts(&list);
}
END_TEST

static const struct
{
	Host		host;
	const char *name; /* to look up */
} names[] = {
	{{"db.example", "", "1"}, "db.example"},
	{{"localhost", "", "1"}, "localhost"},
	{{"db.example", "10.0.0.1", "1"}, NULL},
	{{"10.0.0.1", "", "1"}, NULL},
	{{"::1", "", "1"}, NULL},
	{{"/run/postgresql", "", "1"}, NULL},
	{{"@abstract", "", "1"}, NULL},
	{{"", "", "1"}, NULL},
};

START_TEST(test_name)
{
	const char *name = conninfo_host_name(&names[_i].host);

	ck_assert_int_eq(name != NULL, names[_i].name != NULL);
	ck_assert(name == NULL || strcmp(name, names[_i].name) == 0);
}
END_TEST

/* What libpq makes of a string and the environment. */
static const struct
{
	const char *text;
	const char *split; /* NULL: refused */
	unsigned	connect_ms;
} strings[] = {
	{"dbname=x", "env||5432", 3000},
	{"host=a,b port=1,2 connect_timeout=1", "a||1 b||2", 1000},
	{"postgresql://u:hunter2@a:1,b:2/x?connect_timeout=7", "a||1 b||2", 7000},
	{"host=a connect_timeout=0", "a||5432", 3000},
	{"host=a connect_timeout=-1", "a||5432", 3000},
	{"host=a sslmode=verify-full target_session_attrs=primary", "a||5432", 3000},
	{"host=a target_session_attrs=any", "a||5432", 3000},
	{"host=a target_session_attrs=read-only", NULL, 0},
	{"host=a target_session_attrs=standby", NULL, 0},
	{"host=a target_session_attrs=prefer-standby", NULL, 0},
	{"host=a,b port=1,2,3", NULL, 0},
	{"service=nowhere", NULL, 0},
	{"hunter2", NULL, 0},
};

START_TEST(test_conninfo)
{
	Conninfo conninfo;
	char	 problem[CONNINFO_PROBLEM_BYTES] = "";
	char	 text[500];
	bool	 good;

	setenv("PGHOST", "env", 1);
	setenv("PGSERVICEFILE", "/nonexistent", 1);
	good = conninfo_read(strings[_i].text, &conninfo, problem);
	ck_assert_msg(good == (strings[_i].split != NULL), "%s: %s", strings[_i].text, problem);
	if (!good)
	{
		ck_assert_str_ne(problem, "");
		ck_assert_ptr_null(strstr(problem, "hunter2"));
		return;
	}
	join(&conninfo.hosts, text, sizeof(text));
	ck_assert_str_eq(text, strings[_i].split);
	ck_assert_uint_eq(conninfo.connect_ms, strings[_i].connect_ms);
	conninfo_free(&conninfo);
}
END_TEST

TCase *
conninfo_cases(void)
{
	TCase *tcase = tcase_create("conninfo");

	tcase_add_loop_test(tcase, test_split, 0, sizeof(splits) / sizeof(splits[0]));
	tcase_add_loop_test(tcase, test_name, 0, sizeof(names) / sizeof(names[0]));
	tcase_add_loop_test(tcase, test_conninfo, 0, sizeof(strings) / sizeof(strings[0]));
	return tcase;
}
