/*
 * conninfo.h: reads the setting database
 *
 * libpq itself reads the text, with the environment and the services that the text names. host,
 * hostaddr and port are lists with commas. They are split here, so that libpq can be given one
 * host at a time.
 */
#ifndef GATEWAY_CONFIG_CONNINFO_H
#define GATEWAY_CONFIG_CONNINFO_H

#include <stdbool.h>
#include <stddef.h>

#define CONNINFO_PROBLEM_BYTES 256
#define CONNINFO_HOSTS_MOST 32

typedef struct Host
{
	char *host; /* a name, an address or a path; "": libpq chooses */
	char *hostaddr;
	char *port;
} Host;

/* The list owns the texts. */
typedef struct HostList
{
	size_t count;
	Host   hosts[CONNINFO_HOSTS_MOST];
} HostList;

/*
 * Split the lists as libpq does. There are as many hosts as in hostaddr, or else in host. There
 * are as many ports, or one port for all hosts, or no port. NULL counts as "". An empty item
 * between two commas is refused, though libpq accepts it. On false, problem (static) says why, and
 * the list is empty.
 */
extern bool conninfo_split(const char *hosts, const char *hostaddrs, const char *ports,
						   HostList *list, const char **problem);

/*
 * Return the name that has to be looked up; borrowed. NULL if the host is a path or has an
 * address.
 */
extern const char *conninfo_host_name(const Host *host);

extern void conninfo_free_hosts(HostList *list);

typedef struct Conninfo
{
	HostList hosts;		 /* owned; conninfo_free frees them */
	unsigned connect_ms; /* time limit of one attempt at one address */
} Conninfo;

/*
 * Read the text of the setting. On false, problem says why, without any part of the text, and
 * nothing is owned. Does not block, except to read the file of a service.
 */
extern bool conninfo_read(const char *text, Conninfo *conninfo, char *problem);
extern void conninfo_free(Conninfo *conninfo);

#endif /* GATEWAY_CONFIG_CONNINFO_H */
