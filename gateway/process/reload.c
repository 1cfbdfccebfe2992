/*
 * reload.c: new settings for a running process
 *
 * Whoever needs a setting reads it from the worker when it is needed, so that
 * replacing them is all there is to do, but for the servers: a request in
 * flight keeps the one that it was sent to, until its end.
 */
#include "process/reload.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "lookup/lookup.h"
#include "loop/uid_tally.h"
#include "net/batch.h"
#include "net/names.h"
#include "net/tls.h"
#include "proxy/access_log.h"
#include "proxy/pool.h"
#include "user/uid_hash.h"

/* Everything that can fail comes first, so that nothing is half done. */
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

/* The servers of before stay until it is known where those of now are. */
static void
set_servers(Worker *worker, Side side, const AddressList *list)
{
	Address	 servers[POOL_SERVERS_MOST];
	unsigned before;
	bool	 pending;
	size_t	 count = names_servers(list, servers, POOL_SERVERS_MOST, &pending);

	pool_servers(worker->pools[side], &before);
	if (pending && before > 0)
		return;
	if (count > 0)
		pool_set(worker->pools[side], servers, count);
	else if (before > 0)
		log_warning("%s: none of its servers has an address; those of before are asked",
					side_name(side));
}

void
reload_servers(Worker *worker)
{
	set_servers(worker, SIDE_PRODUCTION, &worker->settings->production);
	set_servers(worker, SIDE_GRAY, &worker->settings->gray);
}

void
reload_worker(Worker *worker)
{
	UidSources before = worker->settings->uid;

	if (!reload_settings(&worker->settings))
		return;
	if (!uid_sources_same(&before, &worker->settings->uid))
		uid_tally_clear(&worker->counters);
	lookups_reload(worker->lookups);
	names_use(worker->settings);
	reload_servers(worker);
	batch_use(worker->settings->batch_sends);
}
