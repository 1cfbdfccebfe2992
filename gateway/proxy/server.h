/*
 * server.h: a server of one side, as its pool and its connections know it
 */
#ifndef GATEWAY_PROXY_SERVER_H
#define GATEWAY_PROXY_SERVER_H

#include <sys/queue.h>

#include "base/address.h"
#include "loop/loop.h"
#include "proxy/health.h"

struct Pool;
struct Upstream;

typedef struct Server
{
	struct Pool *pool; /* NULL: retired */
	const Loop	*loop;
	Address		 address;
	unsigned	 number;	  /* the server's bit in Search.tried */
	unsigned	 outstanding; /* connections busy with a request */
	unsigned	 idle;
	Health		 health;
	uint64_t	 requests; /* requests sent to the server */
	uint64_t	 failures; /* failures of these requests, and of connecting */
	LIST_HEAD(, Upstream) idle_upstreams;
	LIST_ENTRY(Server) retired_entry;
} Server;

#endif /* GATEWAY_PROXY_SERVER_H */
