/*
 * proxy.h: the things that all clients and requests of a worker share
 */
#ifndef GATEWAY_PROXY_PROXY_H
#define GATEWAY_PROXY_PROXY_H

#include <sys/queue.h>

#include "loop/loop.h"

struct Client;
struct Journeys;
struct Lookups;
struct Pools;
struct Watch;

/* Owned by the worker, which also owns everything that is borrowed here. */
typedef struct Proxy
{
	Loop			*loop;
	struct Watch	*watch;
	struct Journeys *journeys;
	struct Lookups	*lookups;
	struct Pools	*pools;
	LIST_HEAD(, Client) clients;
	size_t client_count;
	size_t in_flight;
	size_t tunnels; /* how many of the requests are tunnels */

	/* A client has gone: another client may come in. */
	void (*client_left)(void *context);
	void *context;
} Proxy;

#endif /* GATEWAY_PROXY_PROXY_H */
