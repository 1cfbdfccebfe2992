/*
 * cached.c: what a session has made of relations, as long as they stay what they are
 *
 * Dropped whole, never patched, at the next use after one of the relations was
 * changed: a relcache invalidation only sets a flag, since it may come while
 * the thing is in use.  An invalidation flags what was made of the relation
 * that it names, and nothing else.
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "cached.h"
#include "catalog.h"

static Cached *all;

static void
relation_changed(Datum arg pg_attribute_unused(), Oid relation)
{
	for (Cached *cached = all; cached != NULL; cached = cached->next)
		cached->stale |= !OidIsValid(relation) || list_member_oid(cached->made_of, relation);
}

void
cached_init(void)
{
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
}

void
cached_begin(Cached *cached, const char *name)
{
	cached_drop(cached);
	cached->memory =
		AllocSetContextCreate(TopMemoryContext, "pg_gray cached", ALLOCSET_SMALL_SIZES);
	MemoryContextSetIdentifier(cached->memory, name);
	cached->next = all;
	if (all != NULL)
		all->previous = cached;
	all = cached;
	cached_made_of(cached, catalog_relation("release"));
}

void
cached_made_of(Cached *cached, unsigned int relation)
{
	MemoryContext before = MemoryContextSwitchTo(cached->memory);

	cached->made_of = lappend_oid(cached->made_of, relation);
	MemoryContextSwitchTo(before);
}

void
cached_on_drop(Cached *cached, void (*release)(void *arg), void *arg)
{
	MemoryContextCallback *callback =
		MemoryContextAlloc(cached->memory, sizeof(MemoryContextCallback));

	*callback = (MemoryContextCallback){.func = release, .arg = arg};
	MemoryContextRegisterResetCallback(cached->memory, callback);
}

void
cached_drop(Cached *cached)
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
	*cached = (Cached){0};
}
