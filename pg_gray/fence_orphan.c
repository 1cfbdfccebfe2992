/*
 * fence_orphan.c: rows whose owner row was not there when they were written
 *
 * With a deferred foreign key a row may come before the row that it refers to.  When
 * that is written by this same transaction, the fence looks at it then.  When it is
 * somebody else's, it may belong to a user whose data is on the other side: so
 * such rows are looked at once more when all is written, just before the commit.
 * Those that are gone by then, by a rollback to a savepoint too, are not found.  In a table that
 * was rewritten meanwhile they have other places, and all rows of this transaction are looked at.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
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
	Oid				storage; /* relfilenode in which it has that place */
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
	orphans[orphan_count++] = (Orphan){.relation = RelationGetRelid(relation),
									   .storage = relation->rd_node.relNode,
									   .place = row->t_self};
}

/* Another transaction's row may have the place of one that was rolled back. */
static void
check_row(Relation relation, const Trigger *fence, TupleTableSlot *row)
{
	bool	  must_free;
	HeapTuple tuple = ExecFetchSlotHeapTuple(row, false, &must_free);

	if (TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data)))
		fence_row_check(relation, fence, tuple, ROW_COMES, NULL);
	if (must_free)
		heap_freetuple(tuple);
}

static void
check_rewritten(Relation relation, const Trigger *fence, TupleTableSlot *row)
{
	TableScanDesc scan = table_beginscan(relation, SnapshotSelf, 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, row))
		check_row(relation, fence, row);
	table_endscan(scan);
}

/* Of several in a table, one look is enough. */
static bool
is_first_of_table(int i)
{
	for (int j = 0; j < i; j++)
	{
		if (orphans[j].relation == orphans[i].relation)
			return false;
	}
	return true;
}

static void
check_again(int i)
{
	Orphan			orphan = orphans[i];
	Relation		relation = try_relation_open(orphan.relation, AccessShareLock);
	const Trigger  *fence;
	TupleTableSlot *row;

	if (relation == NULL)
		return;
	fence = fence_row_trigger(relation->trigdesc);
	row = table_slot_create(relation, NULL);
	if (fence != NULL && orphan.storage != relation->rd_node.relNode)
	{
		if (is_first_of_table(i))
			check_rewritten(relation, fence, row);
	}
	else if (fence != NULL &&
			 table_tuple_fetch_row_version(relation, &orphan.place, SnapshotSelf, row))
		check_row(relation, fence, row);
	ExecDropSingleTupleTableSlot(row);
	relation_close(relation, NoLock);
}

/* Those that still are orphans are remembered again, behind these. */
static void
check_all_again(void)
{
	int count = orphan_count;

	if (count == 0)
		return;
	PushActiveSnapshot(GetTransactionSnapshot());
	for (int i = 0; i < count; i++)
		check_again(i);
	PopActiveSnapshot();
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
