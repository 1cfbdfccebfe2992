/*
 * fence_orphan.c: rows whose owner row was not there when they were written
 *
 * With a deferred foreign key a row may come before the row that it refers to.  When
 * that is written by this same transaction, the fence looks at it then.  When it is
 * somebody else's, it may belong to a user whose data is on the other side: so
 * such rows are looked at once more when all is written, just before the commit.
 * Those that are gone by then, by a rollback to a savepoint too, are not found.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "fence_orphan.h"
#include "fence_row.h"
#include "fence_verdict.h"

typedef struct Orphan
{
	Oid				relation;
	ItemPointerData place;
} Orphan;

/* In TopTransactionContext. */
static Orphan *orphans;
static int	   orphan_count;
static int	   orphan_capacity;

void
fence_orphan_remember(Relation relation, HeapTuple row)
{
	if (orphans == NULL)
	{
		orphan_capacity = 8;
		orphans = MemoryContextAlloc(TopTransactionContext, sizeof(Orphan) * orphan_capacity);
	}
	else if (orphan_count == orphan_capacity)
	{
		orphan_capacity *= 2;
		orphans = repalloc_huge(orphans, sizeof(Orphan) * orphan_capacity);
	}
	orphans[orphan_count++] =
		(Orphan){.relation = RelationGetRelid(relation), .place = row->t_self};
}

static void
check_again(Orphan orphan)
{
	Relation		relation = table_open(orphan.relation, AccessShareLock);
	const Trigger  *fence = fence_row_trigger(relation->trigdesc);
	TupleTableSlot *row = table_slot_create(relation, NULL);

	if (fence != NULL && table_tuple_fetch_row_version(relation, &orphan.place, SnapshotSelf, row))
	{
		bool	  must_free;
		HeapTuple tuple = ExecFetchSlotHeapTuple(row, false, &must_free);

		fence_row_check(relation, fence, tuple, ROW_COMES, NULL);
		if (must_free)
			heap_freetuple(tuple);
	}
	ExecDropSingleTupleTableSlot(row);
	table_close(relation, NoLock);
}

/* Those that still are orphans are remembered again, behind these. */
static void
check_all_again(void)
{
	int count = orphan_count;

	for (int i = 0; i < count; i++)
		check_again(orphans[i]);
}

static void
transaction_event(XactEvent event, void *arg pg_attribute_unused())
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			check_all_again();
			break;
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
			break;
		default:
			orphans = NULL;
			orphan_count = 0;
	}
}

void
fence_orphan_init(void)
{
	RegisterXactCallback(transaction_event, NULL);
}
