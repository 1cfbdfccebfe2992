/*
 * settings_test.c: good and bad configuration files
 */
#include "gateway_test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/settings.h"

#define GOOD \
	"[gateway]\nlisten = 127.0.0.1:80\nrelease = v2\ndatabase = dbname=x\nuid = header:X\n" \
	"production = 127.0.0.1:1\ngray = 127.0.0.1:2\n"

#define KEY "0123456789abcdef0123456789abcdef"

static Settings *
read_text(const char *text, char *problem, size_t size)
{
	char	  path[] = "/tmp/settings_test.XXXXXX";
	int		  fd = mkstemp(path);
	Settings *settings;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int) strlen(text));
	close(fd);
	settings = settings_read(path, problem, size);
	unlink(path);
	return settings;
}

START_TEST(test_good)
{
	char	  problem[512] = "";
	Settings *settings;

	settings = read_text(GOOD "; a comment\nadmin = [::1]:9\nworkers = 2\nlog_level = debug\n",
						 problem, sizeof(problem));
	ck_assert_msg(settings != NULL, "%s", problem);
	ck_assert_str_eq(settings->release, "v2");
	ck_assert_str_eq(settings->database, "dbname=x");
	ck_assert_uint_eq(settings->admin.count, 1);
	ck_assert_uint_eq(settings->workers, 2);
	ck_assert_int_eq(settings->log_level, LOG_DEBUG);
	ck_assert_uint_eq(settings->movers, 4);
	ck_assert_uint_eq(settings->replay_bytes, 65536);
	settings_free(settings);
}
END_TEST

START_TEST(test_continued)
{
	char	  problem[512] = "";
	Settings *settings =
		read_text("[gateway]\nlisten = 127.0.0.1:80\nrelease = v2\nuid = header:X\n"
				  "database = dbname=x\n  user=y\n\thost=z\n"
				  "production = 127.0.0.1:1,\n  127.0.0.1:2\ngray = unix:/x, 127.0.0.1:4\n",
				  problem, sizeof(problem));

	ck_assert_msg(settings != NULL, "%s", problem);
	ck_assert_str_eq(settings->database, "dbname=x user=y host=z");
	ck_assert_uint_eq(settings->production.count, 2);
	ck_assert_uint_eq(settings->gray.count, 2);
	ck_assert_str_eq(settings->gray.addresses[0].text, "unix:/x");
	settings_free(settings);
}
END_TEST

START_TEST(test_cookies)
{
	char	  problem[512] = "";
	Settings *settings = read_text(GOOD "remember = cookie:__Host-gray\nremember_key = " KEY
										"\n  x" KEY "\nvisitors = 12.5\ncookie_secure = on\n",
								   problem, sizeof(problem));

	ck_assert_msg(settings != NULL, "%s", problem);
	ck_assert_str_eq(settings->cookies.names[REMEMBER_USER], "__Host-gray");
	ck_assert_str_eq(settings->cookies.names[REMEMBER_SIDE], "gray_side");
	ck_assert_uint_eq(settings->cookies.keys.count, 2);
	ck_assert_uint_eq(settings->cookies.visitors.hundredths, 1250);
	ck_assert_uint_eq(settings->remember_s, 86400);
	settings_free(settings);
	settings = read_text(GOOD, problem, sizeof(problem));
	ck_assert_ptr_null(settings->cookies.names[REMEMBER_USER]);
	ck_assert_ptr_null(settings->cookies.names[REMEMBER_SIDE]);
	settings_free(settings);
}
END_TEST

static const struct
{
	const char *text;
	const char *problem; /* behind the file's name */
} bad[] = {
	{GOOD "lissen = x\n", ":8: lissen: unknown key"},
	{GOOD "workers = 0\n", ":8: workers: expected a number from 1 to 256"},
	{GOOD "workers = 257\n", ":8: workers: expected a number from 1 to 256"},
	{GOOD "workers = 1x\n", ":8: workers: expected a number from 1 to 256"},
	{GOOD "workers = -1\n", ":8: workers: expected a number from 1 to 256"},
	{GOOD "workers =\n", ":8: workers: has no value"},
	{GOOD "admin = 127.0.0.1:1, 127.0.0.1:2\n", ":8: admin: more than 1 addresses"},
	{GOOD "admin = nowhere\n",
	 ":8: admin: bad address \"nowhere\": expected host:port, [ipv6]:port or unix:/path"},
	{GOOD "log_level = loud\n", ":8: log_level: expected debug, info, warning or error"},
	{GOOD "batch_sends = on\n", ":8: batch_sends: expected one of off|auto"},
	{GOOD "gray = 127.0.0.1:3\n", ":8: gray: is given twice"},
	{GOOD "uid_hash_key = file:/nonexistent/x\n", ":8: uid_hash_key: the file can't be read"},
	{GOOD "uid_hash_key = env:\n",
	 ":8: uid_hash_key: the environment has no such variable, or an empty one"},
	{GOOD "remember = gray_user\nremember_key = " KEY "\n", ":8: remember: expected cookie:NAME"},
	{GOOD "remember = cookie:a b\nremember_key = " KEY "\n", ":8: remember: expected cookie:NAME"},
	{GOOD "remember = cookie:a\n",
	 ": remember_key: is missing, and cookies of remember or visitors are signed with it"},
	{GOOD "visitors = 10\n",
	 ": remember_key: is missing, and cookies of remember or visitors are signed with it"},
	{GOOD "remember_key = secret\n",
	 ":8: remember_key: has a key of less than 32 bytes; type: openssl rand -base64 32"},
	{GOOD "remember_key = " KEY "\nvisitors = 101\n",
	 ":9: visitors: expected off, or a percentage from 0 to 100 with two decimals at most"},
	{GOOD "remember_key = " KEY "\nvisitors = 1\nside_cookie = a=b\n",
	 ":10: side_cookie: is no name of a cookie"},
	{GOOD "remember_key = " KEY "\nvisitors = 1\nside_cookie = a\nremember = cookie:a\n",
	 ":10: side_cookie: has the name of the cookie in remember"},
	{GOOD "remember_key = " KEY "\nremember = cookie:__Host-a\n",
	 ":9: remember: browsers take cookies of this name only with Secure; set cookie_secure = on"},
	{"[gateway]\nlisten = 127.0.0.1:80\nrelease = v2\ndatabase = dbname=x\n"
	 "uid = header:X, cookie:a\nproduction = 127.0.0.1:1\ngray = 127.0.0.1:2\n"
	 "remember_key = " KEY "\nremember = cookie:a\n",
	 ":9: remember: uid has a place of the same name; the gateway's cookie is its own"},
	{GOOD "tls_key = credential:a/b\n", ":8: tls_key: a credential has a name without /"},
	{"[gateway]\nlisten = 127.0.0.1:80\nrelease = v2\ndatabase = hunter2\nuid = header:X\n"
	 "production = 127.0.0.1:1\ngray = 127.0.0.1:2\n",
	 ":4: database: libpq does not understand it; write key=value, '…' around values with blanks"},
	{GOOD "[other]\nx = 1\n", ":9: x: is not in section [gateway]"},
	{"[gateway]\n", ": listen: is missing"},
	{"", ": listen: is missing"},
	{"[gateway]\nlisten = 127.0.0.1:1\nrelease = v 2\n",
	 ":3: release: has letters, digits, _ and - only, 63 at most"},
	{"[gateway\n", ":1: expected [gateway] or key = value"},
	{GOOD "uid_query = SELECT 1\n",
	 ":8: uid_query: has no $1, in the place of which the value goes"},
	{GOOD "uid_query_waiting = 0\n", ":8: uid_query_waiting: expected a number from 1 to 1000000"},
	{"[gateway]\nlisten = 127.0.0.1:80\nrelease = v2\ndatabase = dbname=x\n"
	 "uid = header:X, lookup:cookie:sid\nproduction = 127.0.0.1:1\ngray = 127.0.0.1:2\n",
	 ":5: uid: has lookup:, and there is no uid_query"},
	{"[gateway]\nlisten = 127.0.0.1:80\nrelease = v2\ndatabase = dbname=x\n"
	 "uid = header:X, cookie:sid\nproduction = 127.0.0.1:1\ngray = 127.0.0.1:2\n"
	 "uid_query = SELECT f($1)\n",
	 ":5: uid: say which places hold what uid_query finds a user by, with lookup: before them, as "
	 "in header:X-User-Id, lookup:cookie:sid"},
	{"[gateway]\nlisten = 127.0.0.1:80\nrelease = v2\ndatabase = dbname=x\n"
	 "uid = header:Connection\nproduction = 127.0.0.1:1\ngray = 127.0.0.1:2\n",
	 ":5: uid: no user can be in this header: it is one of those that the gateway uses, changes or "
	 "removes"},
	{GOOD "just words\n", ":8: expected [gateway] or key = value"},
};

START_TEST(test_bad)
{
	char problem[512] = "";

	ck_assert_ptr_null(read_text(bad[_i].text, problem, sizeof(problem)));
	ck_assert_msg(strlen(problem) > strlen(bad[_i].problem) &&
					  strcmp(problem + strlen(problem) - strlen(bad[_i].problem),
							 bad[_i].problem) == 0,
				  "%s instead of %s", problem, bad[_i].problem);
}
END_TEST

START_TEST(test_long_line)
{
	char text[20000] = "[gateway]\ndatabase = ";
	char problem[512] = "";

	memset(text + strlen(text), 'x', sizeof(text) - 100);
	ck_assert_ptr_null(read_text(text, problem, sizeof(problem)));
	ck_assert_msg(strstr(problem, ":2: the line is too long") != NULL, "%s", problem);
}
END_TEST

TCase *
settings_cases(void)
{
	TCase *tcase = tcase_create("settings");

	tcase_add_test(tcase, test_good);
	tcase_add_test(tcase, test_continued);
	tcase_add_test(tcase, test_cookies);
	tcase_add_loop_test(tcase, test_bad, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tcase, test_long_line);
	return tcase;
}
