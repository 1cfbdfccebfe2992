/*
 * pool.h: the servers of one side and the connections to them
 */
#ifndef GATEWAY_PROXY_POOL_H
#define GATEWAY_PROXY_POOL_H

#include "loop/status.h"
#include "loop/loop.h"
#include "proxy/exchange.h"
#include "proxy/health.h"
#include "proxy/upstream.h"

typedef struct Pool	 Pool;
typedef struct Pools Pools;

#define POOL_SERVERS_MOST 64

typedef struct Server
{
	Pool	*pool; /* NULL: retired */
	Pools	*pools;
	Address	 address;
	unsigned number;	  /* its bit in Exchange.tried */
	unsigned outstanding; /* connections busy with an exchange */
	unsigned idle;
	Health	 health;
	uint64_t requests; /* sent to it */
	uint64_t failures; /* of these, and of connecting to it */
	LIST_HEAD(, Upstream) idle_upstreams;
	LIST_ENTRY(Server) retired_entry;
} Server;

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
 * A connection for an exchange to one of the servers it has not tried, kept
 * alive or (always if fresh) new.  NULL if there is none left; exchange->starved
 * says that one of them could be tried but for what this machine lacks.
 */
extern Upstream *pool_take(Pool *pool, struct Exchange *exchange, bool fresh);

/* This server failed the exchange, which does not try it again. */
extern void pool_failed(Server *server, struct Exchange *exchange);

/* The head of an answer came. */
extern void pool_answered(Upstream *upstream);

/* A clean connection comes back; it is consumed (kept or closed). */
extern void pool_give(Upstream *upstream);

/* Closes an idle connection of any server, or a pipe, for its descriptor; false if there is none. */
extern bool pools_spare(Pools *pools);

/* An idle connection ended. */
extern void pool_drop(Upstream *upstream);

extern unsigned pool_idle_count(const Pool *pool);

/* Its servers, in the order of the settings, and how many there are. */
extern Server *const *pool_servers(const Pool *pool, unsigned *count);

#endif /* GATEWAY_PROXY_POOL_H */
