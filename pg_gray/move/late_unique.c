/*
 * late_unique.c: fills unique indexes once all rows of an UPDATE are written
 *
 * PostgreSQL checks a unique index row by row, unless its constraint is deferrable: two rows that
 * swap their values collide, and so does a row that takes the value of a row which changes later.
 * A merge has no order that avoids such collisions.  So its statement does what the SQL standard
 * asks of every UPDATE: it checks when all rows are written.
 *
 * The executor fills the indexes that it finds in a table's ResultRelInfo.  The indexes in which
 * rows could collide are hidden from the executor there (nothing shared is changed).  The
 * statement returns the tids of its rows.  In ExecutorFinish, before foreign keys are checked,
 * each row that is not heap-only gets its index entries.  By then the old rows are dead for the
 * uniqueness check, so a collision that it still finds is real.  An error in between leaves rows
 * without index entries, but these rows are dead.
 *
 * An index stays with the executor when
 *
 *   - its constraint is deferrable: PostgreSQL does the same for it;
 *   - it has only columns of the key, which stay as they are;
 *   - a foreign key from outside the release rests on it and would carry the change
 *     there, row by row: after a swap it could not tell one from the other.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "access/tupconvert.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/tstoreReceiver.h"
#include "miscadmin.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "move/late_unique.h"
#include "postgres/relation.h"

/* A table of the statement, or a partition. */
typedef struct LateTable
{
	ResultRelInfo *result;
	/* number of the executor's own indexes, which come first; it sees no others */
	int				early;
	int				count;
	TupleTableSlot *slot;
} LateTable;

typedef struct Late
{
	QueryDesc		*query;
	List			*tables; /* LateTable */
	Tuplestorestate *rows;	 /* (tableoid, ctid) */
} Late;

static Late					   *late; /* in the query's memory; null: nothing is late */
static ExecutorFinish_hook_type previous_executor_finish;

/*
 * Choosing indexes
 */

static Bitmapset *
key_attnums(ResultRelInfo *result, const Twin *twin, Side side)
{
	TupleConversionMap *map = ExecGetChildToRootMap(result);
	Bitmapset		   *attnums = NULL;

	for (int i = 0; i < twin->key_count; i++)
	{
		AttrNumber attnum = twin->key_columns[i]->attnum[side];

		attnums = bms_add_member(attnums, map != NULL ? map->attrMap->attnums[attnum - 1] : attnum);
	}
	return attnums;
}

static bool
is_of_key(const IndexInfo *index, const Bitmapset *key)
{
	if (index->ii_Predicate != NIL)
		return false;
	for (int i = 0; i < index->ii_NumIndexKeyAttrs; i++)
	{
		if (!bms_is_member(index->ii_IndexAttrNumbers[i], key)) /* an expression is 0 */
			return false;
	}
	return true;
}

static bool
carries_changes(const TriggerDesc *triggers, Oid index)
{
	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (trigger->tgconstrindid == index && trigger->tgenabled != TRIGGER_DISABLED &&
			(trigger->tgfoid == F_RI_FKEY_CASCADE_UPD || trigger->tgfoid == F_RI_FKEY_SETNULL_UPD ||
			 trigger->tgfoid == F_RI_FKEY_SETDEFAULT_UPD))
			return true;
	}
	return false;
}

static bool
is_late(const ResultRelInfo *result, int i, const Bitmapset *key)
{
	const IndexInfo *index = result->ri_IndexRelationInfo[i];
	Relation		 relation = result->ri_IndexRelationDescs[i];

	return (index->ii_Unique || index->ii_ExclusionOps != NULL) &&
		   relation->rd_index->indimmediate && !is_of_key(index, key) &&
		   !carries_changes(result->ri_TrigDesc, RelationGetRelid(relation));
}

/*
 * Hide
 */

static void
swap_indexes(ResultRelInfo *result, int i, int j)
{
	Relation   relation = result->ri_IndexRelationDescs[i];
	IndexInfo *index = result->ri_IndexRelationInfo[i];

	result->ri_IndexRelationDescs[i] = result->ri_IndexRelationDescs[j];
	result->ri_IndexRelationInfo[i] = result->ri_IndexRelationInfo[j];
	result->ri_IndexRelationDescs[j] = relation;
	result->ri_IndexRelationInfo[j] = index;
}

static void
hide_indexes(ResultRelInfo *result, const Twin *twin, Side side)
{
	Bitmapset *key = key_attnums(result, twin, side);
	LateTable *table;
	int		   early = 0;

	ExecOpenIndices(result, false);
	for (int i = 0; i < result->ri_NumIndices; i++)
	{
		if (!is_late(result, i, key))
			swap_indexes(result, i, early++);
	}
	if (early == result->ri_NumIndices)
		return;
	table = palloc0(sizeof(LateTable));
	table->result = result;
	table->early = early;
	table->count = result->ri_NumIndices;
	result->ri_NumIndices = early;
	late->tables = lappend(late->tables, table);
}

static DestReceiver *
receive_rows(void)
{
	DestReceiver *receiver = CreateTuplestoreDestReceiver();

	late->rows = tuplestore_begin_heap(false, false, work_mem);
	SetTuplestoreDestReceiverParams(receiver, late->rows, CurrentMemoryContext, false, NULL, NULL);
	return receiver;
}

void
late_unique_begin(QueryDesc *query, const Twin *twin, Side side)
{
	MemoryContext before = MemoryContextSwitchTo(query->estate->es_query_cxt);
	ListCell	 *cell;

	Assert(query->operation == CMD_UPDATE && query->plannedstmt->hasReturning);
	late = palloc0(sizeof(Late));
	late->query = query;
	foreach(cell, query->estate->es_opened_result_relations)
	{
		ResultRelInfo *result = lfirst(cell);

		if (relation_is_heap(RelationGetRelid(result->ri_RelationDesc)))
			hide_indexes(result, twin, side);
	}
	query->dest = late->tables == NIL ? None_Receiver : receive_rows();
	MemoryContextSwitchTo(before);
}

void
late_unique_end(void)
{
	late = NULL;
}

/*
 * Fill
 */

static LateTable *
find_table(Oid relation)
{
	ListCell *cell;

	foreach(cell, late->tables)
	{
		LateTable *table = lfirst(cell);

		if (RelationGetRelid(table->result->ri_RelationDesc) == relation)
			return table;
	}
	return NULL; /* the executor fills all of its indexes */
}

static void
fill_row(LateTable *table, ItemPointer place)
{
	ResultRelInfo *result = table->result;

	CHECK_FOR_INTERRUPTS();
	if (table->slot == NULL)
		table->slot = table_slot_create(result->ri_RelationDesc, NULL);
	if (!table_tuple_fetch_row_version(result->ri_RelationDesc, place, SnapshotAny, table->slot))
		elog(ERROR, "an updated row of table \"%s\" is gone",
			 RelationGetRelationName(result->ri_RelationDesc));
	if (!HeapTupleIsHeapOnly(ExecFetchSlotHeapTuple(table->slot, false, NULL)))
		(void) ExecInsertIndexTuples(result, table->slot, late->query->estate, true, false, NULL,
									 NIL);
	ExecClearTuple(table->slot);
	ResetPerTupleExprContext(late->query->estate);
}

static void
fill_rows(void)
{
	TupleTableSlot *row = MakeSingleTupleTableSlot(late->query->tupDesc, &TTSOpsMinimalTuple);

	while (tuplestore_gettupleslot(late->rows, true, false, row))
	{
		bool	   is_null;
		LateTable *table = find_table(DatumGetObjectId(slot_getattr(row, 1, &is_null)));

		if (table != NULL)
			fill_row(table, (ItemPointer) DatumGetPointer(slot_getattr(row, 2, &is_null)));
	}
	ExecDropSingleTupleTableSlot(row);
}

/*
 * Show the executor only the hidden indexes while they are filled; then all indexes, so that it
 * closes them.
 */
static void
fill_indexes(void)
{
	ListCell *cell;

	foreach(cell, late->tables)
	{
		LateTable *table = lfirst(cell);

		table->result->ri_IndexRelationDescs += table->early;
		table->result->ri_IndexRelationInfo += table->early;
		table->result->ri_NumIndices = table->count - table->early;
	}
	if (late->rows != NULL)
		fill_rows();
	foreach(cell, late->tables)
	{
		LateTable *table = lfirst(cell);

		table->result->ri_IndexRelationDescs -= table->early;
		table->result->ri_IndexRelationInfo -= table->early;
		table->result->ri_NumIndices = table->count;
		if (table->slot != NULL)
			ExecDropSingleTupleTableSlot(table->slot);
	}
}

static void
late_executor_finish(QueryDesc *query)
{
	if (late != NULL && late->query == query)
	{
		MemoryContext before = MemoryContextSwitchTo(query->estate->es_query_cxt);

		fill_indexes();
		late_unique_end();
		MemoryContextSwitchTo(before);
	}
	if (previous_executor_finish)
		previous_executor_finish(query);
	else
		standard_ExecutorFinish(query);
}

void
late_unique_init(void)
{
	previous_executor_finish = ExecutorFinish_hook;
	ExecutorFinish_hook = late_executor_finish;
}
