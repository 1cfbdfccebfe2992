/*
 * conninfo.h: what the setting database says
 *
 * Read by libpq itself, with the environment and the services that it leads to.  What libpq has
 * for host, hostaddr and port, each a list with commas, is taken apart, so that it can be given
 * one host at a time.
 */
#ifndef GATEWAY_CONFIG_CONNINFO_H
#define GATEWAY_CONFIG_CONNINFO_H

#include <stdbool.h>
#include <stddef.h>

#define CONNINFO_PROBLEM_BYTES 256
#define CONNINFO_HOSTS_MOST 32

typedef struct Host
{
	char *host; /* a name, an address or a path; "": libpq's own choice */
	char *hostaddr;
	char *port;
} Host;

/* The texts are owned. */
typedef struct HostList
{
	size_t count;
	Host   hosts[CONNINFO_HOSTS_MOST];
} HostList;

/*
 * Splits as libpq does: there are as many as hostaddr has, or else host; ports are as many, or
 * one for all, or none.  NULL is as good as "".  Refused, though libpq takes it, is nothing
 * between two commas.  On false, problem (static) says why, and the list is empty.
 */
extern bool conninfo_split(const char *hosts, const char *hostaddrs, const char *ports,
						   HostList *list, const char **problem);

/* The name that has to be looked up, or NULL: it is a path or has an address.  Borrowed. */
extern const char *conninfo_host_name(const Host *host);

extern void conninfo_free_hosts(HostList *list);

typedef struct Conninfo
{
	HostList hosts;		 /* owned; as conninfo_free */
	unsigned connect_ms; /* how long one attempt at one address may take */
} Conninfo;

/*
 * On false, problem says why, without a word of what is in the string, and nothing is owned.
 * Does not block but for the file of a service.
 */
extern bool conninfo_read(const char *text, Conninfo *conninfo, char *problem);
extern void conninfo_free(Conninfo *conninfo);

#endif /* GATEWAY_CONFIG_CONNINFO_H */
