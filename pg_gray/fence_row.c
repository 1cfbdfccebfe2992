/*
 * fence_row.c: no row is written on the side where its owner's data is not
 *
 * An AFTER ROW trigger, since that sees the row as it was really written,
 * whatever the application's own BEFORE triggers did.  For each owner of the
 * row, old and new, it
 *
 *   1. locks the user in share mode until the end of the transaction
 *   2. reads the user's state, as it is now
 *   3. refuses the write with GR001 when the data is on the other side
 *
 * What the transaction has checked already is not checked again (fence_memory.h).
 *
 * The writer of a row by owner path locks who is the owner then.  So nobody may give
 * away a row that others lead to, and with it those: the old owner is locked
 * exclusively for that, which waits for such writers.
 *
 * A row whose owner can't be found has an owner row that is deleted in this
 * transaction, or written by this same statement: then the fence on the owner
 * row, and the foreign key, guard it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/rel.h"

#include "fence_path.h"
#include "fence_table.h"
#include "fence_user.h"
#include "latest.h"
#include "user_lock.h"

PG_FUNCTION_INFO_V1(fence_row);

/* What happens to the row, as its owner sees it. */
typedef enum Event
{
	ROW_COMES, /* inserted, or the new one of an UPDATE */
	ROW_GOES,  /* deleted, or the old one of an UPDATE that changes the owner */
	ROW_GIVEN  /* it goes to another owner, and takes the rows that lead to it along */
} Event;

/* A row by owner path, and the owner that was found for it. */
typedef struct Search
{
	const FenceTable *table;
	Datum			  values[INDEX_MAX_KEYS]; /* that lead to the owner */
	Owner			  owner;
	Latest			  looked; /* when */
} Search;

/* False when the owner can't be found. */
static bool
search_owner(Search *search)
{
	const FenceTable *table = search->table;
	bool			  found;

	if (table->path == NULL)
	{
		search->owner = owner_user(table->release.id, table->release.uid_type, search->values[0]);
		return true;
	}
	search->looked = latest_begin();
	found = fence_path_follow(table->path, search->looked.snapshot, search->values, &search->owner);
	latest_end(&search->looked);
	return found;
}

/*
 * Nobody else gives a row away while its owner is locked: so look again under the
 * lock, if anything can have changed before it was granted.
 */
static bool
is_owner_still(Search *search)
{
	Owner before = search->owner;

	if (search->table->path == NULL || latest_is_current(&search->looked))
		return true;
	if (search_owner(search) && !owner_same(&before, &search->owner))
		return false;
	search->owner = before;
	return true;
}

/* Lock the owner for this event, who may be locked for others already. */
static void
lock_owner(const FenceTable *table, const Owner *owner, Event event, bool is_locked)
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

/* Returns where the data of the owner is, locked. */
static Side
keep_owner(Search *search, Event event)
{
	const FenceTable *table = search->table;
	Side			  live;

	for (;;)
	{
		bool is_locked = fence_user_find(&search->owner, &live);

		if (is_locked && event != ROW_GIVEN)
			return live;
		lock_owner(table, &search->owner, event, is_locked);
		if (is_owner_still(search))
			return is_locked ? live : fence_user_read(&table->release, &search->owner);
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

static void
refuse_nobody(Relation relation, int attnum)
{
	ereport(ERROR,
			(errcode(ERRCODE_NOT_NULL_VIOLATION),
			 errmsg("row of gray table \"%s\" belongs to nobody", RelationGetRelationName(relation)),
			 errdetail("Column \"%s\" leads to no uid.",
					   NameStr(TupleDescAttr(RelationGetDescr(relation), attnum - 1)->attname)),
			 errhint(
				 "Nothing was written. Give it an owner: only rows of users are in gray, and come home."),
			 errtablecol(relation, attnum)));
}

/* The row itself has no uid: lock it in place of a user, as each child sees it. */
static void
give_from_nobody(const FenceTable *table, HeapTuple row, TupleDesc descriptor)
{
	for (int i = 0; i < table->child_count; i++)
	{
		Datum values[INDEX_MAX_KEYS];
		Owner nobody;
		Side  live;
		bool  is_locked;

		if (!fence_table_child_values(table, i, row, descriptor, values))
			continue;
		nobody = fence_nobody_owner(&table->children[i], table->release.id, values);
		is_locked = fence_user_find(&nobody, &live);
		lock_owner(table, &nobody, ROW_GIVEN, is_locked);
		if (!is_locked)
			(void) fence_user_read(&table->release, &nobody);
	}
}

static void
check_row(const FenceTable *table, Relation relation, HeapTuple row, Event event)
{
	TupleDesc descriptor = RelationGetDescr(relation);
	Search	  search;
	Side	  live;

	search.table = table;
	if (!fence_table_values(table, row, descriptor, search.values))
	{
		if (event == ROW_COMES && table->side == SIDE_GRAY)
			refuse_nobody(relation, null_column(table, row, descriptor));
		if (event == ROW_GIVEN)
			give_from_nobody(table, row, descriptor);
		return;
	}
	if (!search_owner(&search))
		return;
	live = keep_owner(&search, event);
	if (!owner_is_nobody(&search.owner))
		fence_user_check(&table->release, &search.owner, live, table->side);
	else if (event == ROW_COMES && table->side == SIDE_GRAY)
		refuse_nobody(relation, table->attnums[0]);
}

static void
check_update(const FenceTable *table, const TriggerData *trigger)
{
	Relation relation = trigger->tg_relation;

	if (fence_table_owner_may_differ(table, trigger->tg_trigtuple, trigger->tg_newtuple,
									 RelationGetDescr(relation)))
		check_row(table, relation, trigger->tg_trigtuple,
				  table->child_count > 0 ? ROW_GIVEN : ROW_GOES);
	check_row(table, relation, trigger->tg_newtuple, ROW_COMES);
}

Datum
fence_row(PG_FUNCTION_ARGS)
{
	TriggerData		 *trigger = (TriggerData *) fcinfo->context;
	const FenceTable *table;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.fence() is an AFTER ROW trigger")));

	table = fence_table_get(trigger);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		check_row(table, trigger->tg_relation, trigger->tg_trigtuple, ROW_COMES);
	else if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		check_row(table, trigger->tg_relation, trigger->tg_trigtuple, ROW_GOES);
	else
		check_update(table, trigger);
	return PointerGetDatum(NULL);
}
