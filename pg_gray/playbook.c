/*
 * playbook.c: what a session keeps ready for the moves of a release
 *
 * The tables and their foreign keys as they are now, and the statements of moves,
 * prepared.
 */
#include "postgres.h"

#include "access/table.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "admit.h"
#include "cached.h"
#include "catalog.h"
#include "fence_row.h"
#include "mapping.h"
#include "ownership.h"
#include "playbook.h"
#include "reference.h"
#include "release.h"
#include "statement.h"

/* Of one release; there once the session has moved a user of it. */
typedef struct Shelf
{
	int			  release_id;
	Cached		  cached;
	Playbook	 *playbook; /* null: an error cut its loading short */
	struct Shelf *next;
} Shelf;

static Shelf *shelves;

static Shelf *
find_shelf(int release_id)
{
	Shelf *shelf = shelves;

	while (shelf != NULL && shelf->release_id != release_id)
		shelf = shelf->next;
	if (shelf == NULL)
	{
		shelf = MemoryContextAllocZero(TopMemoryContext, sizeof(Shelf));
		shelf->release_id = release_id;
		shelf->next = shelves;
		shelves = shelf;
	}
	return shelf;
}

static bool
is_usable(const Shelf *shelf, bool may_miss)
{
	const Playbook *playbook = shelf->playbook;

	return playbook != NULL && !shelf->cached.stale && (may_miss || !playbook->set->partial);
}

static void
forget_statements(void *playbook)
{
	statement_forget_all(playbook);
}

static TwinSet *
load_twins(const Release *release, bool may_miss)
{
	return may_miss ? twin_load_whole(release) : twin_load_all(release);
}

static void
made_of_tables(Cached *cached, const TwinSet *set)
{
	for (int i = 0; i < set->count; i++)
	{
		cached_made_of(cached, set->twins[i].relation[SIDE_PRODUCTION]);
		cached_made_of(cached, set->twins[i].relation[SIDE_GRAY]);
	}
}

static char *
find_unfenced(const TwinSet *set)
{
	for (int i = 0; i < set->count; i++)
	{
		for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		{
			Relation table = table_open(set->twins[i].relation[side], AccessShareLock);
			bool	 fenced = fence_row_trigger(table->trigdesc) != NULL;

			table_close(table, NoLock);
			if (!fenced)
				return set->twins[i].table[side];
		}
	}
	return NULL;
}

/* In the memory of the shelf. */
static void
load(Playbook *playbook, const Release *release, bool may_miss)
{
	playbook->set = load_twins(release, may_miss);
	made_of_tables(playbook->cached, playbook->set);
	playbook->unfenced = find_unfenced(playbook->set);
	mapping_qualify_all(playbook->set);
	playbook->owner_role =
		playbook->set->count == 0 ? catalog_owner() : twin_owner_role(playbook->set);
	if (playbook->set->count > 0)
		ownership_require_member(playbook->owner_role, "the tables of the release");
	admit_owner(release, playbook->owner_role);
	reference_load_all(playbook);
	statement_prepare_cache(playbook);
}

/* What is written into the registry now would make a playbook stale that was begun before. */
static void
fill_shelf(Shelf *shelf, const Release *release, bool may_miss)
{
	MemoryContextCallback *callback;
	MemoryContext		   before;
	Playbook			  *playbook;

	twin_remember(release, load_twins(release, may_miss));
	shelf->playbook = NULL;
	cached_begin(&shelf->cached, release->name);
	before = MemoryContextSwitchTo(shelf->cached.memory);
	playbook = palloc0(sizeof(Playbook));
	playbook->cached = &shelf->cached;
	load(playbook, release, may_miss);
	callback = palloc(sizeof(MemoryContextCallback));
	*callback = (MemoryContextCallback){.func = forget_statements, .arg = playbook};
	MemoryContextRegisterResetCallback(shelf->cached.memory, callback);
	MemoryContextSwitchTo(before);
	shelf->playbook = playbook;
}

Playbook *
playbook_open(const Release *release, bool may_miss)
{
	Shelf *shelf = find_shelf(release->id);

	AcceptInvalidationMessages();
	if (!is_usable(shelf, may_miss))
		fill_shelf(shelf, release, may_miss);
	return shelf->playbook;
}

void
playbook_forget(Playbook *playbook)
{
	playbook->cached->stale = true;
}

int
playbook_place(const Playbook *playbook, const Twin *twin)
{
	return twin - playbook->set->twins;
}
