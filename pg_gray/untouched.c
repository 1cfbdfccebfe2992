/*
 * untouched.c: rows that nobody wrote since they were moved, page by page
 *
 * DELETE locks, logs and unlocks a page once for each of its rows.  Here all rows of a
 * page are marked at once, in the way of heap_delete, and the page is logged whole, which
 * PostgreSQL replays like any page image: about as much WAL as the rows' own records.
 *
 * The bit that says that all rows of a page are visible is cleared, and logged, by
 * heap_delete itself: it deletes the first row of such a page.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/table.h"
#include "access/xact.h"
#include "access/xloginsert.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/bufmgr.h"
#include "storage/bufpage.h"
#include "utils/rel.h"

#include "untouched.h"

typedef struct Pass
{
	Relation	  table;
	TransactionId moved; /* xmin of the rows */
	uint64		  count;

	bool		  doubtful; /* counting: some can't be told */
	TransactionId by;		/* deleting */
	CommandId	  command;
} Pass;

/* Visits a page, whose buffer is pinned. */
typedef void (*Visit)(Pass *pass, Buffer buffer);

static void
visit_all(Pass *pass, Visit visit)
{
	BlockNumber			 blocks = RelationGetNumberOfBlocks(pass->table);
	BufferAccessStrategy strategy =
		blocks > (BlockNumber) NBuffers / 4 ? GetAccessStrategy(BAS_BULKREAD) : NULL;

	for (BlockNumber block = 0; block < blocks && !pass->doubtful; block++)
	{
		Buffer buffer = ReadBufferExtended(pass->table, MAIN_FORKNUM, block, RBM_NORMAL, strategy);

		CHECK_FOR_INTERRUPTS();
		visit(pass, buffer);
		ReleaseBuffer(buffer);
	}
	if (strategy != NULL)
		FreeAccessStrategy(strategy);
}

/* The moved row at a place of a page, dead or alive; or null. */
static HeapTupleHeader
row_at(const Pass *pass, Page page, OffsetNumber place)
{
	ItemId			item = PageGetItemId(page, place);
	HeapTupleHeader row;

	if (!ItemIdIsNormal(item))
		return NULL;
	row = (HeapTupleHeader) PageGetItem(page, item);
	if (HeapTupleHeaderGetRawXmin(row) != pass->moved || HeapTupleHeaderXminInvalid(row))
		return NULL;
	return row;
}

/*
 * Counting
 */

static void
count_row(Pass *pass, HeapTupleHeader row)
{
	if (row->t_infomask & HEAP_XMAX_INVALID)
		pass->count++;
	else if (!(row->t_infomask & HEAP_XMAX_COMMITTED) || HEAP_XMAX_IS_LOCKED_ONLY(row->t_infomask))
		pass->doubtful = true;
}

static void
count_page(Pass *pass, Buffer buffer)
{
	Page page = BufferGetPage(buffer);

	LockBuffer(buffer, BUFFER_LOCK_SHARE);
	for (OffsetNumber place = FirstOffsetNumber; place <= PageGetMaxOffsetNumber(page); place++)
	{
		HeapTupleHeader row = row_at(pass, page, place);

		if (row != NULL)
			count_row(pass, row);
	}
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
}

bool
untouched_count(unsigned int table, unsigned int xmin, uint64_t *count)
{
	Pass pass = {.table = table_open(table, AccessShareLock), .moved = xmin};

	pass.doubtful = TransactionIdIsCurrentTransactionId(xmin);
	visit_all(&pass, count_page);
	table_close(pass.table, NoLock);
	*count = pass.count;
	return !pass.doubtful;
}

/*
 * Deleting
 */

/* The first row of a page from this place on that has nothing but itself to be deleted; or null. */
static HeapTupleHeader
next_simple(const Pass *pass, Page page, OffsetNumber *place)
{
	for (; *place <= PageGetMaxOffsetNumber(page); (*place)++)
	{
		HeapTupleHeader row = row_at(pass, page, *place);

		if (row != NULL && (row->t_infomask & HEAP_XMAX_INVALID) &&
			!(row->t_infomask & HEAP_HASEXTERNAL))
			return row;
	}
	return NULL;
}

/* As heap_delete does with a row that nobody has locked. */
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
	uint64			before = pass->count;
	HeapTupleHeader row;

	START_CRIT_SECTION();
	for (; (row = next_simple(pass, page, &place)) != NULL; pass->count++)
		mark(pass, row, BufferGetBlockNumber(buffer), place);
	PageSetPrunable(page, pass->by);
	MarkBufferDirty(buffer);
	if (RelationNeedsWAL(pass->table))
		(void) log_newpage_buffer(buffer, true);
	END_CRIT_SECTION();
	for (; before < pass->count; before++)
		pgstat_count_heap_delete(pass->table);
}

/* The buffer is unlocked meanwhile. */
static void
delete_one(Pass *pass, Buffer buffer, OffsetNumber place)
{
	ItemPointerData tid;

	ItemPointerSet(&tid, BufferGetBlockNumber(buffer), place);
	LockBuffer(buffer, BUFFER_LOCK_UNLOCK);
	simple_heap_delete(pass->table, &tid);
	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	pass->count++;
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
untouched_delete(unsigned int table, unsigned int xmin)
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
	return pass.count;
}
