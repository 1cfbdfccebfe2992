/*
 * host_list.h: the hosts at which the database may be
 *
 * Pure.  What libpq has for host, hostaddr and port, each a list with commas, is taken apart, so
 * that it can be given one host at a time.
 */
#ifndef HOST_LIST_H
#define HOST_LIST_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_LIST_MOST 32

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
	Host   hosts[HOST_LIST_MOST];
} HostList;

/*
 * Splits as libpq does: there are as many as hostaddr has, or else host; ports are as many, or
 * one for all, or none.  NULL is as good as "".  Refused, though libpq takes it, is nothing
 * between two commas.  On false, problem (static) says why, and the list is empty.
 */
extern bool host_list_split(const char *hosts, const char *hostaddrs, const char *ports,
							HostList *list, const char **problem);

/* The name that has to be looked up, or NULL: it is a path or has an address.  Borrowed. */
extern const char *host_list_name(const Host *host);

extern void host_list_free(HostList *list);

#endif /* HOST_LIST_H */
