/*
 * session_cache.c: keeps data that a session has derived from relations, until one of them changes
 *
 * The data is dropped whole, never patched, at the next use after one of the relations was
 * changed: a relcache invalidation only sets a flag, since it may come while the data is in use.
 * An invalidation flags only the data that depends on the relation that it names.
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "postgres/catalog.h"
#include "postgres/session_cache.h"

static SessionCache *all;

static void
relation_changed(Datum arg pg_attribute_unused(), Oid relation)
{
	for (SessionCache *cached = all; cached != NULL; cached = cached->next)
		cached->stale |= !OidIsValid(relation) || list_member_oid(cached->made_of, relation);
}

void
session_cache_init(void)
{
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
}

void
session_cache_begin(SessionCache *cached, const char *name)
{
	session_cache_drop(cached);
	cached->memory =
		AllocSetContextCreate(TopMemoryContext, "pg_gray cached", ALLOCSET_SMALL_SIZES);
	MemoryContextSetIdentifier(cached->memory, name);
	cached->next = all;
	if (all != NULL)
		all->previous = cached;
	all = cached;
	session_cache_made_of(cached, catalog_relation("release"));
}

void
session_cache_made_of(SessionCache *cached, unsigned int relation)
{
	MemoryContext before = MemoryContextSwitchTo(cached->memory);

	cached->made_of = lappend_oid(cached->made_of, relation);
	MemoryContextSwitchTo(before);
}

void
session_cache_on_drop(SessionCache *cached, void (*release)(void *arg), void *arg)
{
	MemoryContextCallback *callback =
		MemoryContextAlloc(cached->memory, sizeof(MemoryContextCallback));

	*callback = (MemoryContextCallback){.func = release, .arg = arg};
	MemoryContextRegisterResetCallback(cached->memory, callback);
}

void
session_cache_drop(SessionCache *cached)
{
	if (cached->memory == NULL)
		return;
	if (cached->previous != NULL)
		cached->previous->next = cached->next;
	else
		all = cached->next;
	if (cached->next != NULL)
		cached->next->previous = cached->previous;
	MemoryContextSetParent(cached->memory, TopTransactionContext);
	*cached = (SessionCache){0};
}
