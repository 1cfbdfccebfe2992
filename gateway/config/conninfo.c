/*
 * conninfo.c: reads the setting database
 */
#include "config/conninfo.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/memory.h"
#include "base/span.h"

#define CONNECT_MS 3000 /* for a database setting without connect_timeout */
#define CONNECT_MOST_S 600
#define BAD_MODE "none such"
#define PORT_PRESET "5432"

static size_t
count_parts(const char *text)
{
	size_t count = *text != '\0';

	for (; *text != '\0'; text++)
		count += *text == ',';
	return count;
}

/* Return the part of a list at a position; "" if there is none. The caller owns the text. */
static char *
part_of(const char *text, size_t place)
{
	size_t length;

	while (place > 0 && *text != '\0')
		place -= *text++ == ',';
	length = strcspn(text, ",");
	return memory_text(text, length);
}

void
conninfo_free_hosts(HostList *list)
{
	for (size_t i = 0; i < list->count; i++)
	{
		free(list->hosts[i].host);
		free(list->hosts[i].hostaddr);
		free(list->hosts[i].port);
	}
	list->count = 0;
}

static void
take_host(Host *host, const char *hosts, const char *hostaddrs, const char *ports, size_t place)
{
	host->host = part_of(hosts, place);
	host->hostaddr = part_of(hostaddrs, place);
	host->port = part_of(ports, count_parts(ports) > 1 ? place : 0);
	if (*host->port != '\0')
		return;
	free(host->port);
	host->port = memory_text(PORT_PRESET, strlen(PORT_PRESET));
}

bool
conninfo_split(const char *hosts, const char *hostaddrs, const char *ports, HostList *list,
			   const char **problem)
{
	size_t count;

	hosts = hosts != NULL ? hosts : "";
	hostaddrs = hostaddrs != NULL ? hostaddrs : "";
	ports = ports != NULL ? ports : "";
	list->count = 0;
	count = *hostaddrs != '\0' ? count_parts(hostaddrs) : count_parts(hosts);
	count = count > 0 ? count : 1;
	*problem = NULL;
	if (count > CONNINFO_HOSTS_MOST)
		*problem = "there are too many hosts";
	else if (*hostaddrs != '\0' && *hosts != '\0' && count_parts(hosts) != count)
		*problem = "host and hostaddr have not as many";
	else if (count_parts(ports) > 1 && count_parts(ports) != count)
		*problem = "there are not as many ports as hosts";
	for (size_t i = 0; i < count && *problem == NULL; i++)
	{
		Host *host = &list->hosts[list->count++];

		take_host(host, hosts, hostaddrs, ports, i);
		if ((*hosts != '\0' && *host->host == '\0') ||
			(*hostaddrs != '\0' && *host->hostaddr == '\0'))
			*problem = "host or hostaddr has nothing beside a comma";
	}
	if (*problem != NULL)
		conninfo_free_hosts(list);
	return *problem == NULL;
}

const char *
conninfo_host_name(const Host *host)
{
	bool is_path = *host->host == '/' || *host->host == '@';

	if (*host->host == '\0' || *host->hostaddr != '\0' || is_path || address_is_number(host->host))
		return NULL;
	return host->host;
}

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
 * Read all options that libpq would use. libpq tells them only of a connection. So a connection is
 * begun with a bad sslmode: libpq refuses it after it has read everything, and before it connects.
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
	if (!conninfo_split(value_of(options, "host"), value_of(options, "hostaddr"),
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
	conninfo_free_hosts(&conninfo->hosts);
}
