/*
 * host_list.c: the hosts at which the database may be
 */
#include "host_list.h"

#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "memory.h"
#include "span.h"

#define PORT_PRESET "5432"

static size_t
count_parts(const char *text)
{
	size_t count = *text != '\0';

	for (; *text != '\0'; text++)
		count += *text == ',';
	return count;
}

/* The part at a place, "" if there is none; owned. */
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
host_list_free(HostList *list)
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
host_list_split(const char *hosts, const char *hostaddrs, const char *ports, HostList *list,
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
	if (count > HOST_LIST_MOST)
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
		host_list_free(list);
	return *problem == NULL;
}

const char *
host_list_name(const Host *host)
{
	bool is_path = *host->host == '/' || *host->host == '@';

	if (*host->host == '\0' || *host->hostaddr != '\0' || is_path || address_is_number(host->host))
		return NULL;
	return host->host;
}
