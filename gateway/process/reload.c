/*
 * reload.c: replaces the settings of a running process
 *
 * All code reads a setting from the worker when the setting is needed. So it is enough to replace
 * the settings, but for the servers: a request in flight keeps the server that it was sent to,
 * until its end.
 */
#include "process/reload.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "lookup/lookup.h"
#include "net/batch.h"
#include "net/names.h"
#include "net/tls.h"
#include "proxy/access_log.h"
#include "proxy/pool.h"
#include "user/uid_hash.h"

/* All steps that can fail come first, so that nothing is half done. */
static Settings *
read_again(const Settings *old)
{
	char	  problem[1024];
	Settings *next = settings_read(old->path, problem, sizeof(problem));

	if (next == NULL || !tls_prepare(next, &old->listen, problem, sizeof(problem)))
	{
		log_error("not reloaded: %s", problem);
		settings_free(next);
		return NULL;
	}
	if (!access_log_open(next))
	{
		log_error("not reloaded: access log %s: %s", next->access_log, strerror(errno));
		settings_free(next);
		return NULL;
	}
	return next;
}

bool
reload_settings(Settings **settings)
{
	Settings *old = *settings;
	Settings *next = read_again(old);

	if (next == NULL)
		return false;
	settings_keep_fixed(next, old);
	tls_use_prepared();
	if (strcmp(next->uid_hash_key, old->uid_hash_key) != 0)
		uid_hash_set_key(next->uid_hash_key);
	log_set_level(next->log_level);
	uid_sources_reserve(&next->uid);
	settings_free(old);
	*settings = next;
	log_info("reloaded %s", next->path);
	return true;
}

/*
 * Set the servers of a side. The former servers stay until the addresses of the new servers are
 * known.
 */
static void
set_servers(Pools *pools, Side side, const AddressList *list)
{
	Address	 servers[POOL_SERVERS_MOST];
	unsigned before;
	bool	 pending;
	size_t	 count = names_servers(list, servers, POOL_SERVERS_MOST, &pending);

	pool_servers(pools->sides[side], &before);
	if (pending && before > 0)
		return;
	if (count > 0)
		pool_set(pools->sides[side], servers, count);
	else if (before > 0)
		log_warning("%s: none of its servers has an address; those of before are asked",
					side_name(side));
}

void
reload_servers(Proxy *proxy)
{
	const Settings *settings = proxy->loop->settings;

	set_servers(proxy->pools, SIDE_PRODUCTION, &settings->production);
	set_servers(proxy->pools, SIDE_GRAY, &settings->gray);
}

void
reload_worker(Proxy *proxy)
{
	Loop	  *loop = proxy->loop;
	UidSources before = loop->settings->uid;

	if (!reload_settings(&loop->settings))
		return;
	if (!uid_sources_same(&before, &loop->settings->uid))
		counters_clear_uids(&loop->counters);
	lookups_reload(proxy->lookups);
	names_use(loop->settings);
	reload_servers(proxy);
	batch_use(loop->settings->batch_sends);
}
