/*
 * pool.c: the servers of one side and the connections to them
 *
 * A request goes to the server with the fewest outstanding requests; equals take turns. Of the
 * server's idle connections the request takes the one used last, so that connections that are
 * not needed grow old and are closed. Servers that fail are ejected (health.h). When all
 * servers are ejected, the server whose ejection ends first is used.
 */
#include "proxy/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "net/descriptors.h"
#include "proxy/splice.h"

_Static_assert(2 * POOL_SERVERS_MOST <= STATUS_SERVERS_MAX, "STATUS_SERVERS_MAX is too small");

struct Pool
{
	Pools	*pools;
	uint32_t bits; /* not 0; changed whenever servers get other numbers */
	unsigned count;
	unsigned turn;
	Server	*servers[POOL_SERVERS_MOST]; /* owned */
};

static uint32_t last_bits;

static Pool *
new_pool(Pools *pools)
{
	Pool *pool = memory_zeroed(sizeof(*pool));

	pool->pools = pools;
	pool->bits = ++last_bits;
	return pool;
}

Pools *
pools_new(Loop *loop)
{
	Pools *pools = memory_zeroed(sizeof(*pools));

	pools->loop = loop;
	LIST_INIT(&pools->retired);
	pools->sides[SIDE_PRODUCTION] = new_pool(pools);
	pools->sides[SIDE_GRAY] = new_pool(pools);
	return pools;
}

void
pool_count_on(Pool *pool, Side side, const WorkerStatus *last)
{
	for (unsigned i = 0; i < last->server_count; i++)
	{
		const ServerStatus *was = &last->servers[i];

		for (unsigned j = 0; was->side == side && j < pool->count; j++)
		{
			if (strcmp(pool->servers[j]->address.text, was->address) != 0)
				continue;
			pool->servers[j]->requests = was->requests;
			pool->servers[j]->failures = was->failures;
		}
	}
}

static Server *
new_server(Pool *pool, const Address *address)
{
	Server *server = memory_zeroed(sizeof(*server));

	server->pool = pool;
	server->loop = pool->pools->loop;
	server->address = *address;
	LIST_INIT(&server->idle_upstreams);
	return server;
}

static void
close_idle(Server *server)
{
	while (!LIST_EMPTY(&server->idle_upstreams))
		upstream_close(LIST_FIRST(&server->idle_upstreams));
}

static void
free_pool(Pool *pool)
{
	for (unsigned i = 0; i < pool->count; i++)
	{
		close_idle(pool->servers[i]);
		free(pool->servers[i]);
	}
	free(pool);
}

static void
retire(Server *server)
{
	Pools *pools = server->pool->pools;

	server->pool = NULL;
	close_idle(server);
	LIST_INSERT_HEAD(&pools->retired, server, retired_entry);
}

static void
free_retired(Pools *pools)
{
	Server *next;

	for (Server *server = LIST_FIRST(&pools->retired); server != NULL; server = next)
	{
		next = LIST_NEXT(server, retired_entry);
		if (server->outstanding > 0)
			continue;
		LIST_REMOVE(server, retired_entry);
		free(server);
	}
}

void
pools_free(Pools *pools)
{
	free_pool(pools->sides[SIDE_PRODUCTION]);
	free_pool(pools->sides[SIDE_GRAY]);
	free_retired(pools);
	free(pools);
}

/* Take the server with this address out of a list, if it is there. */
static Server *
take_server(Server **servers, unsigned count, const Address *address)
{
	for (unsigned i = 0; i < count; i++)
	{
		Server *server = servers[i];

		if (server == NULL || strcmp(server->address.text, address->text) != 0)
			continue;
		servers[i] = NULL;
		return server;
	}
	return NULL;
}

void
pool_set(Pool *pool, const Address *addresses, size_t count)
{
	Server	*old[POOL_SERVERS_MOST];
	unsigned old_count = pool->count;
	bool	 same = old_count == count;

	memcpy(old, pool->servers, sizeof(old));
	pool->count = 0;
	for (size_t i = 0; i < count && i < POOL_SERVERS_MOST; i++)
	{
		Server *server = take_server(old, old_count, &addresses[i]);

		same = same && server != NULL && server->number == i;
		if (server == NULL)
			server = new_server(pool, &addresses[i]);
		server->number = pool->count;
		pool->servers[pool->count++] = server;
	}
	for (unsigned i = 0; i < old_count; i++)
	{
		if (old[i] != NULL)
			retire(old[i]);
	}
	if (!same)
		pool->bits = ++last_bits;
}

/*
 * Return a server's rank; the lowest rank is the best. A server that may be tried again comes
 * first for a request that another server can still answer if this server does not. For any
 * other request it comes second.
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
choose(Pool *pool, const Search *search, bool repeatable, uint64_t without)
{
	Server	*best = NULL;
	uint64_t now_ms = pool->count > 1 ? clock_now_ms() : 0;

	for (unsigned i = 0; i < pool->count; i++)
	{
		Server *server = pool->servers[(pool->turn + i) % pool->count];

		if (((search->tried | without) & (UINT64_C(1) << server->number)) == 0 &&
			better(server, best, repeatable, now_ms))
			best = server;
	}
	pool->turn++;
	return best;
}

/*
 * Take an idle connection of the server. A request that must not be done twice is not sent
 * again when a kept-alive connection turns out to be stale. And bytes that a server sends
 * before it is asked would pass for the answer. So the connection is looked at closely before.
 */
static Upstream *
take_idle(Server *server, const SearchWish *wish, const UpstreamTask *task)
{
	Upstream *upstream;

	while ((upstream = LIST_FIRST(&server->idle_upstreams)) != NULL)
	{
		if (upstream_stirs(upstream) || (!wish->idempotent && !upstream_quiet(upstream)))
		{
			upstream_close(upstream);
			continue;
		}
		LIST_REMOVE(upstream, idle_entry);
		server->idle--;
		upstream_reuse(upstream, task);
		return upstream;
	}
	return NULL;
}

static bool
spare(Pool *pool)
{
	for (unsigned i = 0; i < pool->count; i++)
	{
		if (LIST_EMPTY(&pool->servers[i]->idle_upstreams))
			continue;
		upstream_close(LIST_FIRST(&pool->servers[i]->idle_upstreams));
		return true;
	}
	return false;
}

bool
pools_spare(Pools *pools)
{
	return splice_spare() || spare(pools->sides[SIDE_PRODUCTION]) || spare(pools->sides[SIDE_GRAY]);
}

Upstream *
pool_take(Pool *pool, Search *search, const SearchWish *wish, const UpstreamTask *task)
{
	Server	*server;
	uint64_t without = 0; /* bits of servers that can't be tried now, for a lack of this machine */

	/*
	 * The bits in tried are numbers of servers. They count only as long as the servers keep
	 * their numbers.
	 */
	if (search->bits != pool->bits)
	{
		search->bits = pool->bits;
		search->tried = 0;
	}
	search->starved = false;
	while ((server = choose(pool, search, wish->repeatable, without)) != NULL)
	{
		Upstream *upstream = wish->fresh ? NULL : take_idle(server, wish, task);
		int		  problem;

		if (upstream == NULL)
			upstream = upstream_connect(server, task);
		if (upstream != NULL)
		{
			server->requests++;
			upstream->trial = server->health.until_ms != 0;
			if (upstream->trial)
				health_try(&server->health);
			return upstream;
		}
		problem = errno;
		if (descriptors_out(problem) && pools_spare(pool->pools))
			continue;
		if (descriptors_short(problem))
		{
			descriptors_complain("requests wait for connections to servers", problem);
			without |= UINT64_C(1) << server->number;
			search->starved = true;
			continue;
		}
		log_warning("server %s: %s", server->address.text, strerror(problem));
		pool_failed(server, search);
	}
	return NULL;
}

void
pool_failed(Server *server, Search *search)
{
	const Settings *settings = server->loop->settings;
	HealthRule		rule = {settings->eject_after, settings->eject_ms, settings->eject_most_ms};
	uint64_t		now_ms = clock_now_ms();

	server->failures++;
	if (server->pool == NULL)
		return;
	if (search->bits == server->pool->bits)
		search->tried |= UINT64_C(1) << server->number;
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

	if (server->pool == NULL || server->loop->stopping ||
		server->idle >= server->loop->settings->idle_servers)
	{
		upstream_close(upstream);
		return;
	}
	upstream_rest(upstream);
	LIST_INSERT_HEAD(&server->idle_upstreams, upstream, idle_entry);
	server->idle++;
}

static void
close_old(Pool *pool, uint64_t now_ms)
{
	uint64_t idle_ms = pool->pools->loop->settings->idle_timeout_ms;

	for (unsigned i = 0; i < pool->count; i++)
	{
		Upstream *upstream = LIST_FIRST(&pool->servers[i]->idle_upstreams);

		while (upstream != NULL)
		{
			Upstream *next = LIST_NEXT(upstream, idle_entry);

			if (now_ms > upstream->connection.active_ms + idle_ms)
				upstream_close(upstream);
			upstream = next;
		}
	}
}

void
pools_sweep(Pools *pools, uint64_t now_ms)
{
	close_old(pools->sides[SIDE_PRODUCTION], now_ms);
	close_old(pools->sides[SIDE_GRAY], now_ms);
	free_retired(pools);
}

unsigned
pool_idle_count(const Pool *pool)
{
	unsigned count = 0;

	for (unsigned i = 0; i < pool->count; i++)
		count += pool->servers[i]->idle;
	return count;
}

Server *const *
pool_servers(const Pool *pool, unsigned *count)
{
	*count = pool->count;
	return pool->servers;
}
