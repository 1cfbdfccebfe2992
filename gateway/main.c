/*
 * main.c: gray-gateway, a thin HTTP reverse proxy in front of two versions
 * of an application
 *
 *   settings   the configuration file          parent    workers and their sockets
 *   handover   sockets from systemd            systemd   READY=1 and so on
 *   listener   accepts clients                 worker    one event loop
 *   client     a connection from a client      exchange  one request and its answer
 *   upstream   a connection to a server        pool      the servers of a side
 *   journey    hold, drain, move, go           mover     calls gray_route
 *   watch      keeps the roster current        database  libpq without blocking
 *   admin      /health and /status             grave     frees after the loop turn
 *   access_log a line for each request        channel   a socket, with TLS or not
 *   secret     values from elsewhere           check     what could be safer
 *   batch      small sends, made together      ring      by io_uring
 *
 * Pure, without sockets or libraries but llhttp, inih and libjwt: head, message,
 * forward, answer, uid, uid_source, uid_form, spelling, redact, token, token_key, token_cache, decide, roster,
 * notice, state, span, buffer, address, health, limit, access, proxy_protocol.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "access_log.h"
#include "check.h"
#include "log.h"
#include "parent.h"
#include "settings.h"
#include "tls.h"
#include "uid_hash.h"

#ifndef VERSION
#define VERSION "0.1"
#endif

static int
usage(FILE *out, int code)
{
	fprintf(out, "usage: gray-gateway -c FILE       serve\n"
				 "       gray-gateway -t -c FILE    check the file and say what is wrong\n"
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
log_problem(const char *text)
{
	log_warning("%s", text);
}

static int
run(const char *path, bool check_only)
{
	char	  problem[1024];
	Settings *settings = settings_read(path, problem, sizeof(problem));
	int		  code;

	if (settings == NULL)
	{
		fprintf(stderr, "gray-gateway: %s\n", problem);
		return 1;
	}
	if (!tls_prepare(settings, &settings->listen, problem, sizeof(problem)))
	{
		fprintf(stderr, "gray-gateway: %s: %s\n", path, problem);
		settings_free(settings);
		return 1;
	}
	tls_use_prepared();
	if (check_only)
	{
		check_settings(settings, print_warning);
		printf("%s: ok\n", path);
		settings_free(settings);
		tls_close();
		return 0;
	}
	log_set_level(settings->log_level);
	check_settings(settings, log_problem);
	signal(SIGPIPE, SIG_IGN);
	raise_descriptor_limit();
	uid_hash_set_key(settings->uid_hash_key);
	uid_sources_reserve(&settings->uid);
	if (!access_log_open(settings))
	{
		log_error("access log %s: %s", settings->access_log, strerror(errno));
		settings_free(settings);
		return 1;
	}
	code = parent_run(settings);
	access_log_close();
	tls_close();
	return code;
}

int
main(int argc, char **argv)
{
	const char *path = NULL;
	bool		check_only = false;
	int			option;

	while ((option = getopt(argc, argv, "c:tpVh")) != -1)
	{
		switch (option)
		{
			case 'c':
				path = optarg;
				break;
			case 't':
				check_only = true;
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
	if (path == NULL || optind != argc)
		return usage(stderr, 1);
	return run(path, check_only);
}
