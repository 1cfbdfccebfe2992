/*
 * session.c: one warm database session for bench/engine, which talks to it by lines
 *
 *   run SQL                     one statement
 *   prepare SQL                 the statement that `call` executes; $1 is the uid
 *   call FIRST COUNT VALUE      executes it for each uid; each must answer VALUE
 *   wire FIRST COUNT FROM TO    moves each uid over the wire, from schema to schema
 *   wire_prepared …             the same with prepared INSERTs
 *
 * Answers are one line: "ok BEGIN END REST" in seconds of the monotonic clock,
 * where REST is the first value of the result, or microseconds for each uid;
 * or "error MESSAGE".
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libpq-fe.h>

#include "wire.h"

static PGconn *conn;

static double
now_seconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* A message of the database has several lines; the answer is one. */
static void
answer_error(const char *message)
{
	fputs("error ", stdout);
	for (; *message != '\0'; message++)
		putchar(*message == '\n' ? ' ' : *message);
	putchar('\n');
}

static bool
is_good(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

static void
run(const char *sql)
{
	double	  begin = now_seconds();
	PGresult *result = PQexec(conn, sql);
	double	  end = now_seconds();

	if (!is_good(result))
		answer_error(PQerrorMessage(conn));
	else
		printf("ok %.9f %.9f %s\n", begin, end,
			   PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
}

static void
prepare(const char *sql)
{
	PGresult *result = PQprepare(conn, "call", sql, 0, NULL);

	if (is_good(result))
		puts("ok 0 0");
	else
		answer_error(PQerrorMessage(conn));
	PQclear(result);
}

/* Returns NULL, or what is wrong. */
static const char *
call_one(const char *uid, const char *value)
{
	static char wrong[200];
	PGresult   *result = PQexecPrepared(conn, "call", 1, &uid, NULL, NULL, 0);
	const char *problem = NULL;

	if (!is_good(result))
		problem = PQerrorMessage(conn);
	else if (PQntuples(result) != 1 || strcmp(PQgetvalue(result, 0, 0), value) != 0)
	{
		snprintf(wrong, sizeof(wrong), "user %s: not %s", uid, value);
		problem = wrong;
	}
	PQclear(result);
	return problem;
}

/* Both kinds of moves of many users: VALUE and NULL, or the schemas FROM and TO. */
static void
move_many(long first, long count, const char *value_or_from, const char *to, bool is_prepared)
{
	double	   *ends = malloc((count + 1) * sizeof(double));
	const char *problem = to != NULL ? wire_prepare(conn, value_or_from, to, is_prepared) : NULL;

	if (ends == NULL)
		abort();
	ends[0] = now_seconds();
	for (long i = 0; i < count && problem == NULL; i++)
	{
		char uid[30];

		snprintf(uid, sizeof(uid), "%ld", first + i);
		problem = to != NULL ? wire_move(conn, uid) : call_one(uid, value_or_from);
		ends[i + 1] = now_seconds();
	}
	if (problem != NULL)
		answer_error(problem);
	else
	{
		printf("ok %.9f %.9f", ends[0], ends[count]);
		for (long i = 0; i < count; i++)
			printf(" %.1f", (ends[i + 1] - ends[i]) * 1e6);
		putchar('\n');
	}
	free(ends);
}

static void
obey(char *line)
{
	long first;
	long count;
	char one[100];
	char two[100];

	if (strncmp(line, "run ", 4) == 0)
		run(line + 4);
	else if (strncmp(line, "prepare ", 8) == 0)
		prepare(line + 8);
	else if (sscanf(line, "call %ld %ld %99s", &first, &count, one) == 3)
		move_many(first, count, one, NULL, false);
	else if (sscanf(line, "wire %ld %ld %99s %99s", &first, &count, one, two) == 4)
		move_many(first, count, one, two, false);
	else if (sscanf(line, "wire_prepared %ld %ld %99s %99s", &first, &count, one, two) == 4)
		move_many(first, count, one, two, true);
	else
		answer_error("unknown command");
}

static void
ignore_notice(void *arg, const PGresult *result)
{
	(void) arg;
	(void) result;
}

int
main(int argc, char **argv)
{
	char   *line = NULL;
	size_t	size = 0;
	ssize_t length;

	conn = PQconnectdb(argc > 1 ? argv[1] : "");
	if (PQstatus(conn) != CONNECTION_OK)
	{
		answer_error(PQerrorMessage(conn));
		return 1;
	}
	PQsetNoticeReceiver(conn, ignore_notice, NULL);
	printf("ok 0 0 %d\n", PQbackendPID(conn));
	fflush(stdout);
	while ((length = getline(&line, &size, stdin)) > 0)
	{
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		obey(line);
		fflush(stdout);
	}
	free(line);
	PQfinish(conn);
	return 0;
}
