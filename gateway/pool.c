/*
 * pool.c: the servers of one side and the connections to them
 *
 * The server with the fewest outstanding exchanges is taken, in turn among
 * equals; of its idle connections the one used last, so that those not
 * needed grow old and are closed.  Servers that fail are ejected (health.h),
 * but never the last one: with all of them ejected, the one is taken whose
 * ejection ends first.
 */
#include "pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "descriptors.h"
#include "log.h"
#include "memory.h"
#include "retry.h"
#include "splice.h"

struct Pool
{
	Worker	*worker;
	unsigned count;
	unsigned turn;
	bool	 retired;
	Pool	*next_retired;
	Server	 servers[];
};

Pool *
pool_new(Worker *worker, const AddressList *addresses)
{
	Pool *pool = memory_zeroed(sizeof(*pool) + addresses->count * sizeof(Server));

	pool->worker = worker;
	pool->count = (unsigned) addresses->count;
	for (unsigned i = 0; i < pool->count; i++)
	{
		Server *server = &pool->servers[i];

		server->pool = pool;
		server->worker = worker;
		server->address = addresses->addresses[i];
		server->number = i;
		LIST_INIT(&server->idle_upstreams);
	}
	return pool;
}

void
pool_count_on(Pool *pool, Side side, const WorkerStatus *last)
{
	for (unsigned i = 0; i < last->server_count; i++)
	{
		const ServerStatus *was = &last->servers[i];

		for (unsigned j = 0; was->side == side && j < pool->count; j++)
		{
			if (strcmp(pool->servers[j].address.text, was->address) != 0)
				continue;
			pool->servers[j].requests = was->requests;
			pool->servers[j].failures = was->failures;
		}
	}
}

bool
pool_has(const Pool *pool, const AddressList *addresses)
{
	bool same = pool->count == addresses->count;

	for (unsigned i = 0; same && i < pool->count; i++)
		same = strcmp(pool->servers[i].address.text, addresses->addresses[i].text) == 0;
	return same;
}

static void
close_idle(Pool *pool)
{
	for (unsigned i = 0; i < pool->count; i++)
	{
		while (!LIST_EMPTY(&pool->servers[i].idle_upstreams))
			upstream_close(LIST_FIRST(&pool->servers[i].idle_upstreams));
	}
}

void
pool_free(Pool *pool)
{
	close_idle(pool);
	free(pool);
}

void
pool_retire(Pool *pool, Pool **retired)
{
	pool->retired = true;
	close_idle(pool);
	pool->next_retired = *retired;
	*retired = pool;
}

static bool
unused(const Pool *pool)
{
	for (unsigned i = 0; i < pool->count; i++)
	{
		if (pool->servers[i].outstanding > 0)
			return false;
	}
	return true;
}

void
pool_sweep_retired(Pool **retired)
{
	while (*retired != NULL)
	{
		Pool *pool = *retired;

		if (!unused(pool))
		{
			retired = &pool->next_retired;
			continue;
		}
		*retired = pool->next_retired;
		pool_free(pool);
	}
}

/*
 * The lower, the better.  A server that may be tried again is the first
 * choice of a request that another server can still answer when this one
 * does not, and but the second of any other.
 */
static unsigned
rank(const Server *server, bool repeatable, uint64_t now_ms)
{
	HealthState state = health_state(&server->health, now_ms);

	return state == HEALTH_DUE && repeatable ? 0 : 1 + (unsigned) state;
}

static bool
better(const Server *one, const Server *best, bool repeatable, uint64_t now_ms)
{
	unsigned rank_one, rank_best;

	if (best == NULL)
		return true;
	rank_one = rank(one, repeatable, now_ms);
	rank_best = rank(best, repeatable, now_ms);
	if (rank_one != rank_best)
		return rank_one < rank_best;
	if (one->health.until_ms != best->health.until_ms)
		return one->health.until_ms < best->health.until_ms;
	return one->outstanding < best->outstanding;
}

static Server *
choose(Pool *pool, const Exchange *exchange, uint32_t without)
{
	Server	*best = NULL;
	uint64_t now_ms = pool->count > 1 ? clock_now_ms() : 0;
	bool	 repeatable = retry_repeatable(exchange);

	for (unsigned i = 0; i < pool->count; i++)
	{
		Server *server = &pool->servers[(pool->turn + i) % pool->count];

		if (((exchange->tried | without) & (UINT32_C(1) << server->number)) == 0 &&
			better(server, best, repeatable, now_ms))
			best = server;
	}
	pool->turn++;
	return best;
}

/*
 * A request that must not be done twice is not sent again when a kept-alive
 * connection turns out to be stale.  And what a server says before it is asked
 * would be taken for the answer.  So look closely before.
 */
static Upstream *
take_idle(Server *server, Exchange *exchange)
{
	Upstream *upstream;

	while ((upstream = LIST_FIRST(&server->idle_upstreams)) != NULL)
	{
		if (!upstream_quiet(upstream))
		{
			upstream_close(upstream);
			continue;
		}
		LIST_REMOVE(upstream, idle_entry);
		server->idle--;
		upstream_reuse(upstream, exchange);
		return upstream;
	}
	return NULL;
}

static bool
spare(Pool *pool)
{
	for (unsigned i = 0; i < pool->count; i++)
	{
		if (LIST_EMPTY(&pool->servers[i].idle_upstreams))
			continue;
		upstream_close(LIST_FIRST(&pool->servers[i].idle_upstreams));
		return true;
	}
	return false;
}

bool
pools_spare(Worker *worker)
{
	return splice_spare() || spare(worker->pools[SIDE_PRODUCTION]) ||
		   spare(worker->pools[SIDE_GRAY]);
}

Upstream *
pool_take(Pool *pool, Exchange *exchange, bool fresh)
{
	Server	*server;
	uint32_t without = 0; /* could not be tried now, through no fault of theirs */

	/* Servers are counted by their place in the pool. */
	if (exchange->pool != pool)
	{
		exchange->pool = pool;
		exchange->tried = 0;
	}
	exchange->starved = false;
	while ((server = choose(pool, exchange, without)) != NULL)
	{
		Upstream *upstream = fresh ? NULL : take_idle(server, exchange);
		int		  problem;

		if (upstream == NULL)
			upstream = upstream_connect(server, exchange);
		if (upstream != NULL)
		{
			server->requests++;
			upstream->trial = server->health.until_ms != 0;
			if (upstream->trial)
				health_try(&server->health);
			return upstream;
		}
		problem = errno;
		if (descriptors_out(problem) && pools_spare(pool->worker))
			continue;
		if (descriptors_short(problem))
		{
			descriptors_complain("requests wait for connections to servers", problem);
			without |= UINT32_C(1) << server->number;
			exchange->starved = true;
			continue;
		}
		log_warning("server %s: %s", server->address.text, strerror(problem));
		pool_failed(server, exchange);
	}
	return NULL;
}

void
pool_failed(Server *server, Exchange *exchange)
{
	const Settings *settings = server->worker->settings;
	HealthRule		rule = {settings->eject_after, settings->eject_ms, settings->eject_most_ms};
	uint64_t		now_ms = clock_now_ms();

	if (exchange->pool == server->pool)
		exchange->tried |= UINT32_C(1) << server->number;
	server->failures++;
	if (server->pool->count > 1 && health_failed(&server->health, &rule, now_ms))
		log_warning("server %s: ejected for %u ms", server->address.text,
					(unsigned) (server->health.until_ms - now_ms));
}

void
pool_answered(Upstream *upstream)
{
	Server *server = upstream->server;

	upstream->trial = false;
	if (server->health.failures != 0 && health_answered(&server->health))
		log_info("server %s: is back", server->address.text);
}

void
pool_give(Upstream *upstream)
{
	Server *server = upstream->server;

	if (server->pool->retired || server->worker->stopping ||
		server->idle >= server->worker->settings->idle_servers)
	{
		upstream_close(upstream);
		return;
	}
	upstream_rest(upstream);
	LIST_INSERT_HEAD(&server->idle_upstreams, upstream, idle_entry);
	server->idle++;
}

void
pool_drop(Upstream *upstream)
{
	LIST_REMOVE(upstream, idle_entry);
	upstream->server->idle--;
}

void
pool_sweep(Pool *pool, uint64_t now_ms)
{
	uint64_t idle_ms = pool->worker->settings->idle_timeout_ms;

	for (unsigned i = 0; i < pool->count; i++)
	{
		Upstream *upstream = LIST_FIRST(&pool->servers[i].idle_upstreams);

		while (upstream != NULL)
		{
			Upstream *next = LIST_NEXT(upstream, idle_entry);

			if (now_ms > upstream->active_ms + idle_ms)
				upstream_close(upstream);
			upstream = next;
		}
	}
}

unsigned
pool_idle_count(const Pool *pool)
{
	unsigned count = 0;

	for (unsigned i = 0; i < pool->count; i++)
		count += pool->servers[i].idle;
	return count;
}

const Server *
pool_servers(const Pool *pool, unsigned *count)
{
	*count = pool->count;
	return pool->servers;
}
