/*
 * pool.h: the servers of one side and the connections to them
 */
#ifndef GATEWAY_PROXY_POOL_H
#define GATEWAY_PROXY_POOL_H

#include "loop/status.h"
#include "process/worker.h"
#include "proxy/exchange.h"
#include "proxy/health.h"
#include "proxy/upstream.h"

typedef struct Pool Pool;

#define POOL_SERVERS_MOST 64

typedef struct Server
{
	Pool	*pool; /* NULL: retired */
	Worker	*worker;
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

/* A pool of no servers. */
extern Pool *pool_new(Worker *worker);
extern void	 pool_free(Pool *pool);

/* Goes on with the numbers that an earlier worker had counted. */
extern void pool_count_on(Pool *pool, Side side, const WorkerStatus *last);

/*
 * Makes it of these servers, POOL_SERVERS_MOST at most.  Those that it has already stay as they
 * are.  Others are retired: no more requests go there, and their connections are closed when
 * they become idle.
 */
extern void pool_set(Pool *pool, const Address *addresses, size_t count);

/* Frees the retired ones that no request depends on. */
extern void pool_sweep_retired(Worker *worker);

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
extern bool pools_spare(Worker *worker);

/* An idle connection ended. */
extern void pool_drop(Upstream *upstream);

extern void		pool_sweep(Pool *pool, uint64_t now_ms);
extern unsigned pool_idle_count(const Pool *pool);

/* Its servers, in the order of the settings, and how many there are. */
extern Server *const *pool_servers(const Pool *pool, unsigned *count);

#endif /* GATEWAY_PROXY_POOL_H */
