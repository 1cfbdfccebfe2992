/*
 * main.c: gray-gateway, a thin HTTP reverse proxy in front of two versions
 * of an application
 *
 * A folder for each subject, each of which includes only those above it here; the file README in
 * it says more:
 *
 *   base      bytes, memory, time, addresses, the log
 *   routing   (of the tree) the rules that the extension follows, too
 *   http      heads, fields, bodies, cookies: HTTP as bytes
 *   user      whose a request is, and where that user's data is
 *   config    the settings
 *   loop      the event loop, settings and numbers that all parts of a worker know
 *   net       sockets with TLS or not, names, descriptors
 *   database  PostgreSQL without blocking
 *   roster    release and users, kept current
 *   lookup    finds users by a query
 *   journey   hold, drain, move, go
 *   proxy     clients, requests, servers
 *   process   workers, their sockets, reloads, the admin listener
 */
#include <errno.h>
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "config/settings.h"
#include "database/connect_check.h"
#include "net/names.h"
#include "net/tls.h"
#include "process/check.h"
#include "process/supervisor.h"
#include "proxy/access_log.h"
#include "user/uid_hash.h"

#ifndef VERSION
#define VERSION "0.1"
#endif

typedef enum Task
{
	TASK_SERVE,
	TASK_CHECK,
	TASK_CHECK_DATABASE
} Task;

static int
usage(FILE *out, int code)
{
	fprintf(out, "usage: gray-gateway -c FILE       serve\n"
				 "       gray-gateway -t -c FILE    check the file and say what is wrong\n"
				 "       gray-gateway -t --connect -c FILE    the same, and check the database\n"
				 "       gray-gateway -p            print the reference of all settings\n"
				 "       gray-gateway -V            print the version\n");
	return code;
}

static void
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
	{
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static void
print_warning(const char *text)
{
	fprintf(stderr, "gray-gateway: warning: %s\n", text);
}

static void
print_problem(const char *text)
{
	fprintf(stderr, "gray-gateway: database: %s\n", text);
}

static void
log_problem(const char *text)
{
	log_warning("%s", text);
}

/* What libevent has to say would go to standard error past the log. */
static void
log_event(int severity, const char *text)
{
	(void) severity;
	log_warning("libevent: %s", text);
}

/* Consumes the settings.  0: all is well; 2: something is wrong in the database. */
static int
check(Settings *settings, bool connect)
{
	int code = 0;

	check_settings(settings, print_warning);
	names_check(print_warning);
	if (connect && !connect_check(settings, print_problem))
		code = 2;
	if (code == 0)
		printf("%s: ok\n", settings->path);
	settings_free(settings);
	tls_close();
	return code;
}

static int
run(const char *path, Task task)
{
	char	  problem[1024];
	Settings *settings = settings_read(path, problem, sizeof(problem));
	int		  code;

	if (settings == NULL)
	{
		fprintf(stderr, "gray-gateway: %s\n", problem);
		return 1;
	}
	if (!names_open(settings, problem, sizeof(problem)) ||
		!tls_prepare(settings, &settings->listen, problem, sizeof(problem)))
	{
		fprintf(stderr, "gray-gateway: %s: %s\n", path, problem);
		settings_free(settings);
		return 1;
	}
	tls_use_prepared();
	if (task != TASK_SERVE)
		return check(settings, task == TASK_CHECK_DATABASE);
	signal(SIGPIPE, SIG_IGN);
	log_set_level(settings->log_level);
	event_set_log_callback(log_event);
	check_settings(settings, log_problem);
	names_check(log_problem);
	raise_descriptor_limit();
	uid_hash_set_key(settings->uid_hash_key);
	uid_sources_reserve(&settings->uid);
	if (!access_log_open(settings))
	{
		log_error("access log %s: %s", settings->access_log, strerror(errno));
		settings_free(settings);
		return 1;
	}
	code = supervisor_run(settings);
	access_log_close();
	tls_close();
	return code;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"connect", no_argument, NULL, 'C'}, {0}};
	const char				  *path = NULL;
	bool					   check_only = false;
	bool					   connect = false;
	int						   option;

	while ((option = getopt_long(argc, argv, "c:tpVh", options, NULL)) != -1)
	{
		switch (option)
		{
			case 'c':
				path = optarg;
				break;
			case 't':
				check_only = true;
				break;
			case 'C':
				connect = true;
				break;
			case 'p':
				settings_print_reference(stdout);
				return 0;
			case 'V':
				printf("gray-gateway %s\n", VERSION);
				return 0;
			case 'h':
				return usage(stdout, 0);
			default:
				return usage(stderr, 1);
		}
	}
	if (path == NULL || optind != argc || (connect && !check_only))
		return usage(stderr, 1);
	return run(path, connect ? TASK_CHECK_DATABASE : check_only ? TASK_CHECK : TASK_SERVE);
}
