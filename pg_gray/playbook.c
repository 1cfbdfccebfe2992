/*
 * playbook.c: what a session keeps ready for the moves of a release
 *
 * The tables and their foreign keys as they are now, and the statements of moves,
 * prepared.  Dropped whole, never patched, at the next move after a table or the
 * registry was changed: relcache invalidation only sets a flag, since it may
 * come in the middle of a move.
 */
#include "postgres.h"

#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "mapping.h"
#include "playbook.h"
#include "reference.h"
#include "release.h"
#include "statement.h"

static Playbook *playbooks;
static Oid		 registry; /* gray.release */

static bool
is_of_its_tables(const Playbook *playbook, Oid relation)
{
	return twin_find(playbook->set, SIDE_PRODUCTION, relation) != NULL ||
		   twin_find(playbook->set, SIDE_GRAY, relation) != NULL;
}

static void
relation_changed(Datum arg pg_attribute_unused(), Oid relation)
{
	for (Playbook *playbook = playbooks; playbook != NULL; playbook = playbook->next)
	{
		if (!OidIsValid(relation) || relation == registry || is_of_its_tables(playbook, relation))
			playbook->stale = true;
	}
}

void
playbook_init(void)
{
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
}

static void
drop_stale(void)
{
	Playbook **link = &playbooks;

	while (*link != NULL)
	{
		Playbook *playbook = *link;

		if (!playbook->stale || playbook->users > 0)
		{
			link = &playbook->next;
			continue;
		}
		*link = playbook->next;
		statement_forget_all(playbook);
		MemoryContextDelete(playbook->memory);
	}
}

static Playbook *
load(const Release *release)
{
	MemoryContext memory =
		AllocSetContextCreate(CurrentMemoryContext, "pg_gray playbook", ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(memory);
	Playbook	 *playbook = palloc0(sizeof(Playbook));

	playbook->release_id = release->id;
	playbook->memory = memory;
	playbook->set = twin_load_all(release);
	twin_remember(release, playbook->set);
	mapping_qualify_all(playbook->set);
	playbook->owner_role = twin_owner_role(playbook->set);
	release_admit(release, playbook->owner_role);
	reference_load_all(playbook);
	statement_prepare_cache(playbook);
	MemoryContextSwitchTo(before);

	registry = catalog_relation("release");
	MemoryContextSetParent(memory, TopMemoryContext);
	playbook->next = playbooks;
	playbooks = playbook;
	return playbook;
}

Playbook *
playbook_open(const Release *release)
{
	Playbook *playbook;

	AcceptInvalidationMessages();
	drop_stale();
	for (playbook = playbooks; playbook != NULL; playbook = playbook->next)
	{
		if (playbook->release_id == release->id && !playbook->stale)
			break;
	}
	if (playbook == NULL)
		playbook = load(release);
	playbook->users++;
	return playbook;
}

void
playbook_keep(Playbook *playbook)
{
	playbook->users++;
}

void
playbook_close(Playbook *playbook)
{
	playbook->users--;
}

int
playbook_place(const Playbook *playbook, const Twin *twin)
{
	return twin - playbook->set->twins;
}
