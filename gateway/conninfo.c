/*
 * conninfo.c: what the setting database says
 */
#include "conninfo.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 3000 /* where connect_timeout says nothing */
#define CONNECT_MOST_S 600
#define BAD_MODE "none such"

static const char *
value_of(const PQconninfoOption *options, const char *key)
{
	for (; options != NULL && options->keyword != NULL; options++)
	{
		if (strcmp(options->keyword, key) == 0)
			return options->val != NULL ? options->val : "";
	}
	return "";
}

/*
 * All that libpq would go by.  It tells that only of a connection, so one is begun that it
 * refuses once it has read everything, and before it goes anywhere.
 */
static PQconninfoOption *
read_options(const char *text)
{
	const char *const keywords[] = {"dbname", "sslmode", NULL};
	const char *const values[] = {text, BAD_MODE, NULL};
	PGconn			 *connection = PQconnectStartParams(keywords, values, 1);
	PQconninfoOption *options = connection != NULL ? PQconninfo(connection) : NULL;

	PQfinish(connection);
	if (options == NULL)
		abort(); /* out of memory */
	if (strcmp(value_of(options, "sslmode"), BAD_MODE) == 0)
		return options;
	PQconninfoFree(options);
	return NULL;
}

static unsigned
connect_ms(const PQconninfoOption *options)
{
	long seconds = strtol(value_of(options, "connect_timeout"), NULL, 10);

	if (seconds <= 0)
		return CONNECT_MS;
	return 1000 * (unsigned) (seconds < CONNECT_MOST_S ? seconds : CONNECT_MOST_S);
}

static bool
read_only(const char *target)
{
	return strcmp(target, "read-only") == 0 || strcmp(target, "standby") == 0 ||
		   strcmp(target, "prefer-standby") == 0;
}

static const char *
take_options(const PQconninfoOption *options, Conninfo *conninfo)
{
	const char *problem;

	if (read_only(value_of(options, "target_session_attrs")))
		return "target_session_attrs: the gateway needs a server that takes writes";
	if (!host_list_split(value_of(options, "host"), value_of(options, "hostaddr"),
						 value_of(options, "port"), &conninfo->hosts, &problem))
		return problem;
	conninfo->connect_ms = connect_ms(options);
	return NULL;
}

bool
conninfo_read(const char *text, Conninfo *conninfo, char *problem)
{
	PQconninfoOption *options = PQconninfoParse(text, NULL);
	const char		 *found = NULL;

	*conninfo = (Conninfo){.connect_ms = CONNECT_MS};
	if (options == NULL)
		found = "libpq does not understand it; write key=value, '…' around values with blanks";
	PQconninfoFree(options);
	options = found == NULL ? read_options(text) : NULL;
	if (options != NULL)
		found = take_options(options, conninfo);
	else if (found == NULL)
		found = "the service that it names can't be read";
	PQconninfoFree(options);
	if (found != NULL)
		snprintf(problem, CONNINFO_PROBLEM_BYTES, "%s", found);
	return found == NULL;
}

void
conninfo_free(Conninfo *conninfo)
{
	host_list_free(&conninfo->hosts);
}
