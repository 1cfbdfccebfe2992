/*
 * pool.h: the servers of one side and the connections to them
 */
#ifndef GATEWAY_PROXY_POOL_H
#define GATEWAY_PROXY_POOL_H

#include "loop/status.h"
#include "proxy/server.h"
#include "proxy/upstream.h"
#include "routing/state.h"

typedef struct Pool	 Pool;
typedef struct Pools Pools;

#define POOL_SERVERS_MOST 64

/* How far a request has got in its search for a server; all zero at first. */
typedef struct Search
{
	uint64_t tried;	  /* bits of the servers of its side that failed it */
	uint32_t bits;	  /* the pool's bits when tried was set */
	bool	 starved; /* last time this machine lacked a resource to try a server */
} Search;

typedef struct SearchWish
{
	bool fresh;		 /* take no connection that was kept alive */
	bool repeatable; /* another server can answer the request when one does not */
	bool idempotent; /* the request may be done twice */
} SearchWish;

/* The pools of both sides. */
struct Pools
{
	Loop *loop;
	Pool *sides[2];				 /* owned; by Side */
	LIST_HEAD(, Server) retired; /* servers in retirement, until their requests end */
};

/* Return two pools without servers. */
extern Pools *pools_new(Loop *loop);
extern void	  pools_free(Pools *pools);

/* Set the counters to the numbers of an earlier worker, and count on from there. */
extern void pool_count_on(Pool *pool, Side side, const WorkerStatus *last);

/*
 * Give the pool these servers, POOL_SERVERS_MOST at most. A server that the pool has already
 * stays as it is. A server that is not among them is retired: no more requests go there, and
 * its connections are closed when they become idle.
 */
extern void pool_set(Pool *pool, const Address *addresses, size_t count);

/*
 * Close connections that have been idle for too long, and free retired servers that no request
 * depends on.
 */
extern void pools_sweep(Pools *pools, uint64_t now_ms);

/*
 * Return a connection for a task (borrowed) to one of the servers that the search has not
 * tried. The connection was kept alive or is new. NULL if no server is left.
 */
extern Upstream *pool_take(Pool *pool, Search *search, const SearchWish *wish,
						   const UpstreamTask *task);

/* Note that this server failed a request. The request does not try the server again. */
extern void pool_failed(Server *server, Search *search);

/* Note that the head of an answer came. */
extern void pool_answered(Upstream *upstream);

/* Give back a clean connection. The connection is consumed: kept or closed. */
extern void pool_give(Upstream *upstream);

/*
 * Close an idle connection of any server, or a pipe, to free its descriptor. Return false if
 * there is none.
 */
extern bool pools_spare(Pools *pools);

extern unsigned pool_idle_count(const Pool *pool);

/* Return the pool's servers, in the order of the settings, and set count. */
extern Server *const *pool_servers(const Pool *pool, unsigned *count);

#endif /* GATEWAY_PROXY_POOL_H */
