/*
 * fence_row.c: refuses a write to a row on the side where its owner's data is not
 *
 * An AFTER ROW trigger, because an AFTER trigger sees the row as it was really written, whatever
 * the application's own BEFORE triggers did.  The trigger refuses a write whose row, old or new,
 * has an owner on the other side (fence_verdict.h).
 *
 * Then the trigger looks for the row's unique values on the other side (rival.h).
 *
 * An orphan is a row whose owner row was not there when the orphan was written.  A deferred
 * foreign key lets a row come before the row that it refers to.  When this same transaction writes
 * the owner row later, the fence checks the owner row then.  When another transaction writes the
 * owner row, that row may belong to a user whose data is on the other side.  So the orphans are
 * checked once more just before the commit, when everything is written.  An orphan that is gone by
 * then, by a rollback to a savepoint too, is not found.  In a table that was rewritten meanwhile
 * the orphans have other tids, so all rows that this transaction wrote to the table are checked.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "fence/fence.h"
#include "fence/fence_hook.h"
#include "fence/fence_mode.h"
#include "fence/fence_reference.h"
#include "fence/fence_row.h"
#include "fence/fence_table.h"
#include "fence/fence_user.h"
#include "fence/fence_verdict.h"
#include "postgres/catalog.h"
#include "postgres/latest_snapshot.h"
#include "unique/rival.h"

PG_FUNCTION_INFO_V1(fence_row);

static void
refuse_nobody(Relation relation, HeapTuple row, int attnum)
{
	TupleDesc	descriptor = RelationGetDescr(relation);
	const char *table = RelationGetRelationName(relation);
	const char *column = NameStr(TupleDescAttr(descriptor, attnum - 1)->attname);

	ereport(ERROR,
			(errcode(ERRCODE_NOT_NULL_VIOLATION),
			 heap_attisnull(row, attnum, descriptor)
				 ? errmsg("row of gray table \"%s\" has no owner (%s is null)", table, column)
				 : errmsg("row of gray table \"%s\" has no owner (%s leads to a row without one)",
						  table, column),
			 errhint(
				 "Nothing was written. Give it an owner: only rows of users are in gray, and come home."),
			 errtablecol(relation, attnum)));
}

/*
 * The row's owner can't be told.  As long as nobody's data is in gray, that does not matter in
 * production, and nobody is moved before this transaction ends.
 */
static void
refuse_broken(Relation relation, const FenceTable *table)
{
	if (table->side == SIDE_PRODUCTION && !fence_user_any_in_gray(&table->release))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s\" can't be written: it can't be told whose the row is",
					RelationGetRelationName(relation)),
			 errdetail_internal("%s: %s.",
								table->side == SIDE_GRAY ? _("In gray") : _("In production"),
								table->broken),
			 errhint("Nothing was written. SELECT * FROM gray_check('%s') shows what to mend.",
					 table->release.name)));
}

void
fence_row_check(Relation relation, const Trigger *fence, HeapTuple row, FenceEvent event,
				const TriggerData *trigger)
{
	const FenceTable *table = fence_table_get(relation, fence);
	FenceVerdict	  verdict;

	if (table->broken != NULL)
	{
		refuse_broken(relation, table);
		return;
	}
	verdict = fence_verdict_on(table, row, RelationGetDescr(relation), event);
	switch (verdict.answer)
	{
		case FENCE_HERE:
			break;
		case FENCE_ELSEWHERE:
			if (fence_reference_lets_pass(trigger, table, &verdict.owner))
				break;
			fence_mode_refuse_first();
			fence_user_refuse(&table->release, &verdict.owner, table->side);
			break;
		case FENCE_NOBODY:
			/* Rows that production has no place for never have to come home. */
			if (!table->own)
				refuse_nobody(relation, row, verdict.attnum);
			break;
		case FENCE_ORPHAN:
			fence_orphan_remember(relation, row);
			break;
	}
}

static void
check_update(const TriggerData *trigger)
{
	Relation		  relation = trigger->tg_relation;
	const Trigger	 *fence = trigger->tg_trigger;
	const FenceTable *table = fence_table_get(relation, fence);

	if (table->broken == NULL &&
		fence_table_owner_may_differ(table, trigger->tg_trigtuple, trigger->tg_newtuple,
									 RelationGetDescr(relation)))
		fence_row_check(relation, fence, trigger->tg_trigtuple,
						fence_table_family(table)->child_count > 0 ? ROW_GIVEN : ROW_GOES, trigger);
	fence_row_check(relation, fence, trigger->tg_newtuple, ROW_COMES, trigger);
}

Datum
fence_row(PG_FUNCTION_ARGS)
{
	TriggerData	  *trigger = (TriggerData *) fcinfo->context;
	Relation	   relation;
	const Trigger *fence;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.fence() is an AFTER ROW trigger")));

	relation = trigger->tg_relation;
	fence = trigger->tg_trigger;
	own_trigger_require(relation, fence, FENCE_TRIGGER);
	fence_hook_refuse(relation, fence);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		fence_row_check(relation, fence, trigger->tg_trigtuple, ROW_COMES, trigger);
	else if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		fence_row_check(relation, fence, trigger->tg_trigtuple, ROW_GOES, trigger);
	else
		check_update(trigger);
	rival_refuse(trigger);
	return PointerGetDatum(NULL);
}

#define WHOLE \
	(TRIGGER_TYPE_ROW | TRIGGER_TYPE_AFTER | TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE | \
	 TRIGGER_TYPE_DELETE)

/*
 * A trigger that fires for some writes only is not the fence: anybody who may create triggers
 * could put such a trigger on the table.
 */
static bool
is_fence(const Trigger *trigger)
{
	FmgrInfo function;

	if (strcmp(trigger->tgname, FENCE_TRIGGER) != 0 || trigger->tgenabled == TRIGGER_DISABLED ||
		trigger->tgtype != WHOLE || trigger->tgqual != NULL || trigger->tgnattr > 0)
		return false;
	fmgr_info(trigger->tgfoid, &function);
	return function.fn_addr == fence_row;
}

const Trigger *
fence_row_trigger(const TriggerDesc *triggers)
{
	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		if (is_fence(&triggers->triggers[i]))
			return &triggers->triggers[i];
	}
	return NULL;
}

typedef struct Orphan
{
	Oid				relation;
	Oid				storage; /* relfilenode in which the row has this tid */
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

/* The tid of a row that was rolled back may belong to another transaction's row now. */
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

/* A rewritten table is scanned once, for all its orphans. */
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

/* A row that still is an orphan is remembered again, behind the rows that this call checks. */
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
