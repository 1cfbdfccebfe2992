/*
 * dial.c: tries the hosts of the database, one after the other, for a connection
 */
#include "database/dial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "config/conninfo.h"
#include "net/names.h"

#define ATTEMPTS_MOST 64
#define WHERE_BYTES 320
#define PROBLEM_BYTES 600

typedef struct Attempt
{
	const Host *host;
	char		hostaddr[64]; /* "": the host has no address here */
} Attempt;

struct Dial
{
	Conninfo conninfo;
	size_t	 count;
	size_t	 next; /* the next attempt; the last attempt is the one before it */
	Attempt	 attempts[ATTEMPTS_MOST];
	char	 where[WHERE_BYTES];
	char	 problem[PROBLEM_BYTES];
};

/* The dial_where that answered last in the process. All connections try it first. */
static char answered[WHERE_BYTES];

static void
note_problem(Dial *dial, const char *problem)
{
	size_t length = strlen(dial->problem);

	snprintf(dial->problem + length, sizeof(dial->problem) - length, "%s%s", length > 0 ? "; " : "",
			 problem);
}

static void
add(Dial *dial, const Host *host, const char *hostaddr)
{
	Attempt *attempt = &dial->attempts[dial->count];

	if (dial->count == ATTEMPTS_MOST)
		return;
	dial->count++;
	attempt->host = host;
	snprintf(attempt->hostaddr, sizeof(attempt->hostaddr), "%s", hostaddr);
}

static void
add_named(Dial *dial, const Host *host)
{
	const Resolution *found = names_find(host->host);
	char			  problem[WHERE_BYTES];
	char			  text[64];

	for (size_t i = 0; found != NULL && i < found->count; i++)
	{
		address_host((const struct sockaddr *) &found->addresses[i], text, sizeof(text));
		add(dial, host, text);
	}
	if (found != NULL && found->count > 0)
		return;
	snprintf(problem, sizeof(problem), "name %.200s has no address", host->host);
	note_problem(dial, problem);
	names_doubt(host->host);
}

static void
format_where(const Attempt *attempt, char *text)
{
	snprintf(text, WHERE_BYTES, "%.150s%s%s:%.20s", attempt->host->host,
			 *attempt->hostaddr != '\0' && *attempt->host->host != '\0' ? "/" : "",
			 attempt->hostaddr, attempt->host->port);
}

static void
put_first(Dial *dial)
{
	char where[WHERE_BYTES];

	for (size_t i = 0; i < dial->count; i++)
	{
		Attempt attempt = dial->attempts[i];

		format_where(&attempt, where);
		if (strcmp(where, answered) != 0)
			continue;
		memmove(&dial->attempts[1], &dial->attempts[0], i * sizeof(attempt));
		dial->attempts[0] = attempt;
		return;
	}
}

Dial *
dial_new(const char *text)
{
	Dial *dial = memory_zeroed(sizeof(*dial));

	if (!conninfo_read(text, &dial->conninfo, dial->problem))
		return dial;
	for (size_t i = 0; i < dial->conninfo.hosts.count; i++)
	{
		const Host *host = &dial->conninfo.hosts.hosts[i];

		if (conninfo_host_name(host) != NULL)
			add_named(dial, host);
		else
			add(dial, host, host->hostaddr);
	}
	put_first(dial);
	return dial;
}

void
dial_free(Dial *dial)
{
	if (dial == NULL)
		return;
	conninfo_free(&dial->conninfo);
	free(dial);
}

/* A later option in the list wins, if it is not "". */
PGconn *
dial_next(Dial *dial, const char *conninfo)
{
	const char *const keywords[] = {"fallback_application_name",
									"keepalives_idle",
									"keepalives_interval",
									"keepalives_count",
									"tcp_user_timeout",
									"target_session_attrs",
									"dbname",
									"client_encoding",
									"host",
									"hostaddr",
									"port",
									NULL};
	const char		 *values[] = {"gray-gateway", "10",	  "5",	"3",  "20000", "primary",
								  conninfo,		  "UTF8", NULL, NULL, NULL,	   NULL};
	const Attempt	 *attempt;
	PGconn			 *connection;

	if (dial->next == dial->count)
		return NULL;
	attempt = &dial->attempts[dial->next++];
	format_where(attempt, dial->where);
	values[8] = attempt->host->host;
	values[9] = attempt->hostaddr;
	values[10] = attempt->host->port;
	connection = PQconnectStartParams(keywords, values, 1);
	if (connection == NULL)
		abort(); /* out of memory */
	return connection;
}

unsigned
dial_limit_ms(const Dial *dial)
{
	return dial->conninfo.connect_ms;
}

void
dial_failed(Dial *dial, const char *problem)
{
	const Host *host = dial->attempts[dial->next - 1].host;

	note_problem(dial, problem);
	if (conninfo_host_name(host) != NULL)
		names_doubt(host->host);
}

void
dial_answered(const Dial *dial)
{
	memcpy(answered, dial->where, sizeof(answered));
}

bool
dial_is_last(const char *where)
{
	return strcmp(where, answered) == 0;
}

const char *
dial_where(const Dial *dial)
{
	return dial->where;
}

const char *
dial_problem(const Dial *dial)
{
	return dial->problem;
}
