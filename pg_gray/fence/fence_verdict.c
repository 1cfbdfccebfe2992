/*
 * fence_verdict.c: decides whether a row may be written on this side
 *
 *   1. lock the owner in share mode until the end of the transaction
 *   2. read the owner's state, as it is now
 *   3. compare the side where the data is with this one
 *
 * The transaction remembers the side of each user that it has locked (locked_users.h), and does
 * not ask again.
 *
 * The writer of a row with an owner path locks the user to whom the path leads at that moment.  A
 * row on that path may be given to another owner, and the rows that lead over it go along.  So a
 * writer who gives such a row away locks the old owner exclusively, and thereby waits for the
 * writers of these rows.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "utils/snapmgr.h"

#include "fence/fence_table.h"
#include "fence/fence_user.h"
#include "fence/fence_verdict.h"
#include "owner/row_owner.h"
#include "postgres/latest_snapshot.h"
#include "user/user_lock.h"

/* A row, and the owner that was found for it. */
typedef struct Search
{
	const FenceTable *table;
	Datum			  values[INDEX_MAX_KEYS]; /* of the columns that lead to the owner */
	Owner			  owner;
	LatestSnapshot	  looked; /* when the owner was looked for */
	Snapshot		  since;  /* the statement's snapshot, or null */
} Search;

/* False when the owner can't be found. */
static bool
search_owner(Search *search)
{
	const FenceTable *table = search->table;
	bool			  found;

	if (table->path == NULL)
	{
		search->owner = owner_user(table->release.id, table->uid_type, search->values[0]);
		return true;
	}
	search->looked = latest_snapshot_begin();
	found = owner_walk_follow(table->path, search->looked.snapshot, search->values, &search->owner);
	latest_snapshot_end(&search->looked);
	return found;
}

/* The owner row may come in the same statement, which hides it until its end. */
static bool
search_in_statement(Search *search)
{
	CommandCounterIncrement();
	return search_owner(search);
}

/*
 * Nobody else gives a row away while its owner is locked.  So the owner is looked up again under
 * the lock, if anything can have changed before the lock was granted.
 */
static bool
is_owner_still(Search *search)
{
	Owner before = search->owner;

	if (search->table->path == NULL || latest_snapshot_is_current(&search->looked))
		return true;
	if (search_owner(search) && !owner_same(&before, &search->owner))
		return false;
	search->owner = before;
	return true;
}

/*
 * Lock the owner for this event. is_locked: a row of the owner was locked for another event
 * already.
 */
static void
lock_owner(const FenceTable *table, const Owner *owner, FenceEvent event, bool is_locked)
{
	if (event == ROW_GIVEN && !fence_user_is_many())
	{
		user_lock_give(owner->hash);
		return;
	}
	if (event == ROW_GIVEN)
		fence_table_lock_descendants(table);
	if (!is_locked)
		fence_user_lock(&table->release, owner);
}

/* Lock the owner; return the side where the owner's data is. */
static Side
keep_owner(Search *search, FenceEvent event)
{
	const FenceTable *table = search->table;
	Side			  live;

	for (;;)
	{
		bool is_locked =
			fence_user_find(&table->release, &search->owner, table->side, search->since, &live);

		if (is_locked && event != ROW_GIVEN)
			return live;
		lock_owner(table, &search->owner, event, is_locked);
		if (is_owner_still(search))
			return is_locked ? live
							 : fence_user_read(&table->release, &search->owner, table->side,
											   search->since);
	}
}

static AttrNumber
null_column(const FenceTable *table, HeapTuple row, TupleDesc descriptor)
{
	int i = 0;

	while (!heap_attisnull(row, table->attnums[i], descriptor))
		i++;
	return table->attnums[i];
}

/* The row itself has no uid: lock the row in place of a user, as each child table refers to it. */
static void
give_from_nobody(const FenceTable *table, HeapTuple row, TupleDesc descriptor)
{
	const FenceFamily *family = fence_table_family(table);

	for (int i = 0; i < family->child_count; i++)
	{
		Datum values[INDEX_MAX_KEYS];
		Owner nobody;
		Side  live;
		bool  is_locked;

		if (!fence_table_child_values(&family->children[i], row, descriptor, values))
			continue;
		nobody = owner_nobody_owner(&family->children[i], table->release.id, values);
		is_locked = fence_user_find(&table->release, &nobody, table->side, NULL, &live);
		lock_owner(table, &nobody, ROW_GIVEN, is_locked);
		if (!is_locked)
			(void) fence_user_read(&table->release, &nobody, table->side, NULL);
	}
}

static FenceVerdict
verdict_on_ownerless(const FenceTable *table, HeapTuple row, TupleDesc descriptor, FenceEvent event)
{
	FenceVerdict verdict = {.answer = FENCE_HERE};

	if (event == ROW_GIVEN)
		give_from_nobody(table, row, descriptor);
	else if (event == ROW_COMES && table->side == SIDE_GRAY)
	{
		verdict.answer = FENCE_NOBODY;
		verdict.attnum = null_column(table, row, descriptor);
	}
	return verdict;
}

FenceVerdict
fence_verdict_on(const FenceTable *table, HeapTuple row, TupleDesc descriptor, FenceEvent event)
{
	FenceVerdict verdict = {.answer = FENCE_HERE};
	Search		 search;
	Side		 live;

	search.table = table;
	search.since = latest_snapshot_statement();
	if (!fence_table_values(table, row, descriptor, search.values))
		return verdict_on_ownerless(table, row, descriptor, event);
	if (!search_owner(&search) && !(event == ROW_COMES && search_in_statement(&search)))
	{
		verdict.answer = event == ROW_COMES ? FENCE_ORPHAN : FENCE_HERE;
		return verdict;
	}

	live = keep_owner(&search, event);
	verdict.owner = search.owner;
	if (!owner_is_nobody(&search.owner))
		verdict.answer = live == table->side ? FENCE_HERE : FENCE_ELSEWHERE;
	else if (event == ROW_COMES && table->side == SIDE_GRAY)
	{
		verdict.answer = FENCE_NOBODY;
		verdict.attnum = table->attnums[0];
	}
	return verdict;
}
