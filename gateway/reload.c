/*
 * reload.c: new settings for a running process
 *
 * Whoever needs a setting reads it from the worker when it is needed, so that
 * replacing them is all there is to do, but for the servers: a request in
 * flight keeps the pool that it was sent to, until its end.
 */
#include "reload.h"

#include <errno.h>
#include <string.h>

#include "access_log.h"
#include "batch.h"
#include "log.h"
#include "pool.h"
#include "tls.h"
#include "uid_hash.h"

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

static void
replace_pool(Worker *worker, Side side, const AddressList *addresses)
{
	if (pool_has(worker->pools[side], addresses))
		return;
	pool_retire(worker->pools[side], &worker->retired_pools);
	worker->pools[side] = pool_new(worker, addresses);
}

void
reload_worker(Worker *worker)
{
	if (!reload_settings(&worker->settings))
		return;
	replace_pool(worker, SIDE_PRODUCTION, &worker->settings->production);
	replace_pool(worker, SIDE_GRAY, &worker->settings->gray);
	batch_use(worker->settings->batch_sends);
}
