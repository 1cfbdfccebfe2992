/*
 * home_untouched.c: finds and deletes, page by page, rows that nobody wrote since they were moved
 *
 * DELETE locks, logs and unlocks a page once for each of its rows.  Here all rows of a page are
 * marked at once, in the way of heap_delete, and the page is logged whole, which PostgreSQL
 * replays like any page image: about as much WAL as the rows' own records.
 *
 * The bit that says that all rows of a page are visible is cleared, and logged, by heap_delete
 * itself: it deletes the first row of such a page.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "access/xloginsert.h"
#include "catalog/catalog.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "storage/procarray.h"
#include "utils/rel.h"

#include "move/home_untouched.h"

typedef struct Pass
{
	Relation	  table;
	TransactionId moved; /* xmin of the rows */

	/* finding */
	TransactionId since;
	Untouched	  found;

	/* deleting */
	TransactionId by;
	CommandId	  command;
	uint64		  deleted;
} Pass;

/* Visits a page, whose buffer is pinned. */
typedef void (*Visit)(Pass *pass, Buffer buffer);

static void
visit_all(Pass *pass, Visit visit)
{
	BlockNumber			 blocks = RelationGetNumberOfBlocks(pass->table);
	BufferAccessStrategy strategy =
		blocks > (BlockNumber) NBuffers / 4 ? GetAccessStrategy(BAS_BULKREAD) : NULL;

	for (BlockNumber block = 0; block < blocks && !pass->found.doubtful; block++)
	{
		Buffer buffer = ReadBufferExtended(pass->table, MAIN_FORKNUM, block, RBM_NORMAL, strategy);

		CHECK_FOR_INTERRUPTS();
		visit(pass, buffer);
		ReleaseBuffer(buffer);
	}
	if (strategy != NULL)
		FreeAccessStrategy(strategy);
}

/* Return the row at an offset of a page, dead or alive; or null. */
static HeapTupleHeader
row_at(Page page, OffsetNumber place)
{
	ItemId item = PageGetItemId(page, place);

	return ItemIdIsNormal(item) ? (HeapTupleHeader) PageGetItem(page, item) : NULL;
}

static bool
is_moved(const Pass *pass, HeapTupleHeader row)
{
	return HeapTupleHeaderGetRawXmin(row) == pass->moved && !HeapTupleHeaderXminInvalid(row);
}

/*
 * Finding
 */

/*
 * True when the row was deleted or updated.  The transaction that did so must be known to have
 * ended; otherwise the page does not tell (doubtful).
 */
static bool
is_gone(Pass *pass, HeapTupleHeader row)
{
	TransactionId xmax = HeapTupleHeaderGetRawXmax(row);

	if ((row->t_infomask & HEAP_XMAX_INVALID) || HEAP_XMAX_IS_LOCKED_ONLY(row->t_infomask))
		return false;
	if (row->t_infomask & HEAP_XMAX_IS_MULTI)
		pass->found.doubtful = true;
	else if (!(row->t_infomask & HEAP_XMAX_COMMITTED) && !TransactionIdIsCurrentTransactionId(xmax))
	{
		if (TransactionIdIsInProgress(xmax))
			pass->found.doubtful = true;
		return TransactionIdDidCommit(xmax);
	}
	return true;
}

static void
keep_place(Pass *pass, BlockNumber block, OffsetNumber place)
{
	ItemPointer kept = palloc(sizeof(ItemPointerData));

	ItemPointerSet(kept, block, place);
	pass->found.written = lappend(pass->found.written, kept);
	pass->found.doubtful |= list_length(pass->found.written) > UNTOUCHED_WRITTEN_MAX;
}

static void
find_row(Pass *pass, HeapTupleHeader row, BlockNumber block, OffsetNumber place)
{
	if (is_moved(pass, row))
		pass->found.count += !is_gone(pass, row);
	else if (!HeapTupleHeaderXminInvalid(row) &&
			 !TransactionIdPrecedes(HeapTupleHeaderGetRawXmin(row), pass->since))
		keep_place(pass, block, place);
}

static void
find_in_page(Pass *pass, Buffer buffer)
{
	Page page = BufferGetPage(buffer);

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	for (OffsetNumber place = FirstOffsetNumber; place <= PageGetMaxOffsetNumber(page); place++)
	{
		HeapTupleHeader row = row_at(page, place);

		if (row != NULL)
			find_row(pass, row, BufferGetBlockNumber(buffer), place);
	}
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
}

Untouched
home_untouched_find(unsigned int table, unsigned int xmin, unsigned int since)
{
	Pass pass = {.table = table_open(table, AccessShareLock), .moved = xmin, .since = since};

	pass.found.doubtful = TransactionIdIsCurrentTransactionId(xmin);
	visit_all(&pass, find_in_page);
	table_close(pass.table, NoLock);
	return pass.found;
}

/*
 * Deleting
 */

/*
 * Return the first row of a page, from this offset on, that can be deleted by a mark alone; or
 * null.
 */
static HeapTupleHeader
next_simple(const Pass *pass, Page page, OffsetNumber *place)
{
	for (; *place <= PageGetMaxOffsetNumber(page); (*place)++)
	{
		HeapTupleHeader row = row_at(page, *place);

		if (row != NULL && is_moved(pass, row) && (row->t_infomask & HEAP_XMAX_INVALID) &&
			!(row->t_infomask & HEAP_HASEXTERNAL))
			return row;
	}
	return NULL;
}

/* Mark the row as heap_delete marks a row that nobody has locked. */
static void
mark(const Pass *pass, HeapTupleHeader row, BlockNumber block, OffsetNumber place)
{
	row->t_infomask &= ~(HEAP_XMAX_BITS | HEAP_MOVED);
	row->t_infomask2 |= HEAP_KEYS_UPDATED;
	HeapTupleHeaderClearHotUpdated(row);
	HeapTupleHeaderSetXmax(row, pass->by);
	HeapTupleHeaderSetCmax(row, pass->command, false);
	ItemPointerSet(&row->t_ctid, block, place);
}

/* The buffer is locked, and has a row to delete. */
static void
mark_page(Pass *pass, Buffer buffer, OffsetNumber place)
{
	Page			page = BufferGetPage(buffer);
	uint64			before = pass->deleted;
	HeapTupleHeader row;

	START_CRIT_SECTION();
	for (; (row = next_simple(pass, page, &place)) != NULL; pass->deleted++)
		mark(pass, row, BufferGetBlockNumber(buffer), place);
	PageSetPrunable(page, pass->by);
	MarkBufferDirty(buffer);
	if (RelationNeedsWAL(pass->table))
		(void) log_newpage_buffer(buffer, true);
	END_CRIT_SECTION();
	for (; before < pass->deleted; before++)
		pgstat_count_heap_delete(pass->table);
}

/* The buffer is unlocked meanwhile, so a session that bypasses the fence may write the row. */
static void
delete_one(Pass *pass, Buffer buffer, OffsetNumber place)
{
	ItemPointerData tid;
	TM_FailureData	failure;
	TM_Result		result;

	ItemPointerSet(&tid, BufferGetBlockNumber(buffer), place);
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
	result = heap_delete(pass->table, &tid, pass->command, InvalidSnapshot, true, &failure, false);
	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	pass->deleted += result == TM_Ok;
}

static void
delete_page(Pass *pass, Buffer buffer)
{
	Page		 page = BufferGetPage(buffer);
	OffsetNumber place = FirstOffsetNumber;

	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	if (next_simple(pass, page, &place) != NULL && PageIsAllVisible(page))
		delete_one(pass, buffer, place);
	if (next_simple(pass, page, &place) != NULL && !PageIsAllVisible(page))
		mark_page(pass, buffer, place);
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
}

uint64_t
home_untouched_delete(unsigned int table, unsigned int xmin)
{
	Pass pass = {.table = table_open(table, RowExclusiveLock), .moved = xmin};

	if (!RelationIsLogicallyLogged(pass.table) && !TransactionIdIsCurrentTransactionId(xmin))
	{
		pass.by = GetCurrentTransactionId();
		pass.command = GetCurrentCommandId(true);
		MultiXactIdSetOldestMember();
		visit_all(&pass, delete_page);
	}
	table_close(pass.table, NoLock);
	return pass.deleted;
}
