/*
 * lookup.c: finds the user of a request by a query
 *
 * A look-up waits in the line -> a connection takes it (lookup_slot.h) -> it is answered,
 * fails, or waits again when the connection broke. When none of its requests waits any more,
 * the look-up is dropped. While it is being asked, it is left to its connection instead.
 */
#include "lookup/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/memory.h"
#include "lookup/lookup_cache.h"
#include "lookup/lookup_hint.h"
#include "lookup/lookup_line.h"
#include "lookup/lookup_slot.h"

#define BUCKETS 4096 /* a power of two */
#define ATTEMPTS_MOST 3
#define BROKEN_MS 1000 /* pause after a query that can't even be prepared */
#define NOBODIES 4	   /* values of nobody are a quarter of the users */
#define SAID_MOST 8
#define SAY_AGAIN_MS 60000

TAILQ_HEAD(Askers, Asker);

typedef struct Lookup
{
	LookupWaiting  waiting; /* first field: the line knows look-ups by it */
	struct Lookup *next;	/* in its bucket */
	TAILQ_ENTRY(Lookup) entry;
	Lookups		 *lookups;
	LookupKey	  key;
	struct Askers askers;
	bool		  listed; /* it is in its bucket and among all, so that other requests may join */
	bool		  asked;  /* a connection has it */
	unsigned	  attempts;
	uint64_t	  who;
	uint64_t	  since_ms;
	uint64_t	  mark;
	char		  value[]; /* zero-terminated */
} Lookup;

/* A problem that was logged. */
typedef struct Said
{
	char	 code[LOOKUP_CODE_BYTES];
	uint64_t again_ms;
} Said;

struct Lookups
{
	Loop		*loop;
	Watch		*watch;
	HashKey		 key;
	LookupCache *cache;
	LookupLine	*line;
	LookupHints	 hints;
	TAILQ_HEAD(, Lookup) all; /* the oldest look-up in front */
	Lookup	   *buckets[BUCKETS];
	size_t		waiting; /* waiting requests */
	uint64_t	broken_until_ms;
	Said		said[SAID_MOST];
	unsigned	slot_count;
	LookupSlot *slots[];
};

static void serve(Lookups *lookups);
static void on_idle(void *owner);
static void on_answer(void *owner, void *context, const LookupResult *result);
static void on_broken(void *owner, bool lasting, const char *code, const char *problem);

static const LookupSlotHandlers handlers = {
	.idle = on_idle,
	.answer = on_answer,
	.broken = on_broken,
};

static void
make_cache(Lookups *lookups)
{
	const Settings *settings = lookups->loop->settings;
	size_t			users = *settings->uid_query != '\0' ? settings->uid_query_cache : 0;

	uint64_t mark = lookups->cache != NULL ? lookup_cache_mark(lookups->cache) : 0;

	lookup_cache_free(lookups->cache);
	lookups->cache = lookup_cache_new(users, (users + NOBODIES - 1) / NOBODIES, mark);
}

/* Open a connection at the start, so that an error in the query is logged then. */
static void
try_query(Lookups *lookups)
{
	if (*lookups->loop->settings->uid_query != '\0')
		lookup_slot_open(lookups->slots[0]);
}

Lookups *
lookups_new(Loop *loop, Watch *watch)
{
	unsigned count = loop->settings->uid_query_connections;
	Lookups *lookups = memory_zeroed(sizeof(*lookups) + count * sizeof(LookupSlot *));

	lookups->loop = loop;
	lookups->watch = watch;
	lookups->key = hash_key_random();
	lookups->line = lookup_line_new();
	TAILQ_INIT(&lookups->all);
	make_cache(lookups);
	lookups->slot_count = count;
	for (unsigned i = 0; i < count; i++)
		lookups->slots[i] = lookup_slot_new(loop, &handlers, lookups);
	try_query(lookups);
	return lookups;
}

size_t
lookups_waiting(const Lookups *lookups)
{
	return lookups->waiting;
}

size_t
lookups_known(const Lookups *lookups)
{
	return lookup_cache_count(lookups->cache);
}

static Lookup **
link_of(Lookups *lookups, const LookupKey *key)
{
	uint64_t hash = hash_bytes(lookups->key, (const char *) key->bytes, sizeof(key->bytes));
	Lookup **link = &lookups->buckets[hash & (BUCKETS - 1)];

	while (*link != NULL && memcmp(&(*link)->key, key, sizeof(*key)) != 0)
		link = &(*link)->next;
	return link;
}

/* Take the look-up off the lists: no request joins it any more. */
static void
unlist(Lookup *lookup)
{
	if (!lookup->listed)
		return;
	*link_of(lookup->lookups, &lookup->key) = lookup->next;
	TAILQ_REMOVE(&lookup->lookups->all, lookup, entry);
	lookup->listed = false;
}

/* Drop a look-up that no connection has and no request waits for. */
static void
drop(Lookup *lookup)
{
	unlist(lookup);
	if (lookup->waiting.turn != NULL)
		lookup_line_remove(lookup->lookups->line, &lookup->waiting);
	free(lookup);
}

void
lookups_free(Lookups *lookups)
{
	for (unsigned i = 0; i < lookups->slot_count; i++)
	{
		Lookup *lookup = lookup_slot_free(lookups->slots[i]);

		if (lookup != NULL)
			drop(lookup);
	}
	lookup_line_free(lookups->line);
	lookup_cache_free(lookups->cache);
	free(lookups);
}

static Asker *
take_asker(Lookup *lookup)
{
	Asker *asker = TAILQ_FIRST(&lookup->askers);

	if (asker == NULL)
		return NULL;
	TAILQ_REMOVE(&lookup->askers, asker, entry);
	asker->lookup = NULL;
	lookup->lookups->waiting--;
	return asker;
}

/* Is the release at rest? Then the data of any user is in production. */
static void
leave_unanswered(Lookups *lookups, Asker *asker)
{
	const Roster *roster = watch_roster(lookups->watch);

	lookups->loop->counters.lookups_failed++;
	asker->handlers->unanswered(asker->owner, roster != NULL && roster_at_rest(roster));
}

/*
 * Tell all requests that there is no answer. Then the look-up is freed, unless a connection has
 * it.
 */
static void
fail(Lookup *lookup)
{
	bool   asked = lookup->asked;
	Asker *asker;

	unlist(lookup);
	if (lookup->waiting.turn != NULL)
		lookup_line_remove(lookup->lookups->line, &lookup->waiting);
	lookup->asked = true; /* nobody drops the look-up meanwhile */
	while ((asker = take_asker(lookup)) != NULL)
		leave_unanswered(lookup->lookups, asker);
	lookup->asked = asked;
	if (!asked)
		free(lookup);
}

void
lookup_leave(Asker *asker)
{
	Lookup *lookup = asker->lookup;

	if (lookup == NULL)
		return;
	TAILQ_REMOVE(&lookup->askers, asker, entry);
	asker->lookup = NULL;
	lookup->lookups->waiting--;
	if (TAILQ_EMPTY(&lookup->askers) && !lookup->asked)
		drop(lookup);
}

/*
 * Asking
 */

static Lookup *
begin(Lookups *lookups, const LookupKey *key, const Uid *value, uint64_t who)
{
	Lookup **link = link_of(lookups, key);
	Lookup	*lookup = memory_zeroed(sizeof(*lookup) + value->length + 1);

	lookup->lookups = lookups;
	lookup->key = *key;
	lookup->who = who;
	lookup->since_ms = clock_now_ms();
	TAILQ_INIT(&lookup->askers);
	memcpy(lookup->value, value->bytes, value->length);
	lookup->next = NULL;
	*link = lookup;
	lookup->listed = true;
	TAILQ_INSERT_TAIL(&lookups->all, lookup, entry);
	lookup_line_add(lookups->line, &lookup->waiting, who);
	return lookup;
}

/* Is there room for one more request of this address, or was room made? */
static bool
have_room(Lookups *lookups, uint64_t who)
{
	LookupWaiting *last;

	if (lookups->waiting < lookups->loop->settings->uid_query_waiting)
		return true;
	last = lookup_line_make_room(lookups->line, who);
	if (last == NULL)
		return false;
	fail((Lookup *) last);
	return lookups->waiting < lookups->loop->settings->uid_query_waiting;
}

static void
wait_for(Lookups *lookups, Asker *asker, const char *host, const LookupKey *key, const Uid *value)
{
	uint64_t who = hash_bytes(lookups->key, host, strlen(host));
	Lookup	*lookup;

	if (clock_now_ms() < lookups->broken_until_ms || !have_room(lookups, who))
	{
		leave_unanswered(lookups, asker);
		return;
	}
	lookup = *link_of(lookups, key);
	if (lookup == NULL)
		lookup = begin(lookups, key, value, who);
	asker->lookup = lookup;
	TAILQ_INSERT_TAIL(&lookup->askers, asker, entry);
	lookups->waiting++;
	serve(lookups);
}

void
lookup_user(Lookups *lookups, Asker *asker, const char *host, const Uid *value)
{
	LookupKey key = lookup_key((Span){value->bytes, value->length});
	Uid		  uid;

	switch (lookup_cache_find(lookups->cache, &key, clock_now_ms(), &uid))
	{
		case LOOKUP_USER:
			lookups->loop->counters.lookups_cached++;
			asker->handlers->found(asker->owner, &uid);
			break;
		case LOOKUP_NOBODY:
			lookups->loop->counters.lookups_cached++;
			asker->handlers->found(asker->owner, NULL);
			break;
		case LOOKUP_UNKNOWN:
			wait_for(lookups, asker, host, &key, value);
			break;
	}
}

/* Give waiting look-ups to free connections, and open connections if none is free. */
static void
serve(Lookups *lookups)
{
	for (unsigned i = 0; i < lookups->slot_count; i++)
	{
		LookupSlot *slot = lookups->slots[i];
		Lookup	   *lookup;

		if (!lookup_slot_ready(slot))
			continue;
		lookup = (Lookup *) lookup_line_take(lookups->line);
		if (lookup == NULL)
			return;
		lookup->asked = true;
		lookup->attempts++;
		lookup->mark = lookup_cache_mark(lookups->cache);
		lookups->loop->counters.lookups_asked++;
		lookup_slot_ask(slot, lookup->value, lookup);
	}
	for (unsigned i = 0; i < lookups->slot_count && !lookup_line_empty(lookups->line); i++)
		lookup_slot_open(lookups->slots[i]);
}

static void
on_idle(void *owner)
{
	serve(owner);
}

/* Log a problem, once in a while for each kind. code: an SQLSTATE, or a word. */
static void
say(Lookups *lookups, const char *code, const char *problem)
{
	uint64_t now_ms = clock_now_ms();
	Said	*oldest = &lookups->said[0];

	for (unsigned i = 0; i < SAID_MOST; i++)
	{
		Said *said = &lookups->said[i];

		if (strcmp(said->code, code) == 0 && now_ms < said->again_ms)
		{
			log_debug("uid_query: %s", problem);
			return;
		}
		if (said->again_ms < oldest->again_ms)
			oldest = said;
	}
	snprintf(oldest->code, sizeof(oldest->code), "%s", code);
	oldest->again_ms = now_ms + SAY_AGAIN_MS;
	log_error("uid_query: %s", problem);
}

/* Read the user that the query has found. Return false if the value is nobody's. */
static bool
take_user(Lookups *lookups, const LookupResult *result, Uid *uid)
{
	UidType type = watch_uid_type(lookups->watch);
	Uid		canonical;

	if (!result->found)
		return false;
	*uid = result->uid;
	canonical = *uid;
	if (uid->length > lookups->loop->settings->uid.max_bytes)
		say(lookups, "long", "it has found a uid that is longer than max_uid_bytes: production");
	else if (type != UID_UNKNOWN && !uid_canonical(type, &canonical))
		say(lookups, "type", "it has found what is not of the release's uid type: production");
	return uid->length > 0 && uid->length <= lookups->loop->settings->uid.max_bytes;
}

static void
answer(Lookup *lookup, const LookupResult *result)
{
	Lookups		   *lookups = lookup->lookups;
	const Settings *settings = lookups->loop->settings;
	Uid				found = {0};
	bool			user = take_user(lookups, result, &found);
	unsigned		seconds = user ? settings->uid_query_s : settings->uid_query_none_s;
	Asker		   *asker;

	lookup_cache_keep(lookups->cache, &lookup->key, (Span){found.bytes, user ? found.length : 0},
					  lookup->mark, clock_now_ms() + seconds * UINT64_C(1000));
	while ((asker = take_asker(lookup)) != NULL)
	{
		Uid uid = found; /* a copy, which is made canonical */

		asker->handlers->found(asker->owner, user ? &uid : NULL);
	}
}

static void
on_answer(void *owner, void *context, const LookupResult *result)
{
	Lookups *lookups = owner;
	Lookup	*lookup = context;

	if (result->lost && lookup->attempts < ATTEMPTS_MOST && !TAILQ_EMPTY(&lookup->askers))
	{
		lookup->asked = false;
		lookup_line_add(lookups->line, &lookup->waiting, lookup->who);
		return;
	}
	unlist(lookup);
	if (result->known)
		answer(lookup, result);
	else
	{
		say(lookups, result->code, result->problem);
		lookup->asked = false;
		fail(lookup);
		return;
	}
	free(lookup);
}

/* Requests need not wait until somebody mends the query. */
static void
on_broken(void *owner, bool lasting, const char *code, const char *problem)
{
	Lookups *lookups = owner;
	Lookup	*lookup;

	say(lookups, code, problem);
	if (!lasting)
		return;
	lookups->broken_until_ms = clock_now_ms() + BROKEN_MS;
	while ((lookup = (Lookup *) lookup_line_take(lookups->line)) != NULL)
		fail(lookup);
}

/*
 * Forgetting
 */

void
lookups_forget(Lookups *lookups)
{
	lookup_cache_forget_all(lookups->cache);
}

static void
follow_hints(Lookups *lookups, uint64_t now_ms)
{
	if (lookup_hint_due(&lookups->hints, now_ms))
		lookups_forget(lookups);
}

void
lookups_hint(Lookups *lookups)
{
	lookup_hint_all(&lookups->hints);
	follow_hints(lookups, clock_now_ms());
}

void
lookups_hint_group(Lookups *lookups, unsigned group)
{
	uint64_t now_ms = clock_now_ms();

	if (lookup_hint_group(&lookups->hints, now_ms))
		lookup_cache_forget(lookups->cache, group);
	follow_hints(lookups, now_ms);
}

void
lookups_reload(Lookups *lookups)
{
	make_cache(lookups);
	lookups->broken_until_ms = 0;
	memset(lookups->said, 0, sizeof(lookups->said));
	for (unsigned i = 0; i < lookups->slot_count; i++)
		lookup_slot_renew(lookups->slots[i]);
	try_query(lookups);
}

void
lookups_sweep(Lookups *lookups, uint64_t now_ms)
{
	uint64_t most_ms = lookups->loop->settings->uid_query_timeout_ms;
	Lookup	*lookup;

	follow_hints(lookups, now_ms);
	while ((lookup = TAILQ_FIRST(&lookups->all)) != NULL && now_ms > lookup->since_ms + most_ms)
	{
		say(lookups, "late", "no answer within uid_query_timeout_ms: requests are refused");
		fail(lookup);
	}
	for (unsigned i = 0; i < lookups->slot_count; i++)
		lookup_slot_sweep(lookups->slots[i], now_ms);
	serve(lookups);
}
