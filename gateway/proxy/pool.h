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
	uint64_t tried;	  /* servers of its side that failed it, by bit */
	uint32_t bits;	  /* the pool's, when these were set */
	bool	 starved; /* the last time: one could be tried, but for what this machine lacks */
} Search;

typedef struct SearchWish
{
	bool fresh;		 /* no connection that was kept alive */
	bool repeatable; /* another server can answer it when one does not */
	bool idempotent; /* it may be done twice */
} SearchWish;

/* Those of both sides. */
struct Pools
{
	Loop *loop;
	Pool *sides[2];				 /* owned; by Side */
	LIST_HEAD(, Server) retired; /* until their requests end */
};

/* Two pools of no servers. */
extern Pools *pools_new(Loop *loop);
extern void	  pools_free(Pools *pools);

/* Goes on with the numbers that an earlier worker had counted. */
extern void pool_count_on(Pool *pool, Side side, const WorkerStatus *last);

/*
 * Makes it of these servers, POOL_SERVERS_MOST at most.  Those that it has already stay as they
 * are.  Others are retired: no more requests go there, and their connections are closed when
 * they become idle.
 */
extern void pool_set(Pool *pool, const Address *addresses, size_t count);

/* Closes what has been idle for too long, and frees retired servers that no request depends on. */
extern void pools_sweep(Pools *pools, uint64_t now_ms);

/*
 * A connection for a task (borrowed) to one of the servers that the search has not tried, kept
 * alive or new.  NULL if there is none left.
 */
extern Upstream *pool_take(Pool *pool, Search *search, const SearchWish *wish,
						   const UpstreamTask *task);

/* This server failed a request, which does not try it again. */
extern void pool_failed(Server *server, Search *search);

/* The head of an answer came. */
extern void pool_answered(Upstream *upstream);

/* A clean connection comes back; it is consumed (kept or closed). */
extern void pool_give(Upstream *upstream);

/* Closes an idle connection of any server, or a pipe, for its descriptor; false if there is none. */
extern bool pools_spare(Pools *pools);

extern unsigned pool_idle_count(const Pool *pool);

/* Its servers, in the order of the settings, and how many there are. */
extern Server *const *pool_servers(const Pool *pool, unsigned *count);

#endif /* GATEWAY_PROXY_POOL_H */
