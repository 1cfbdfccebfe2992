/*
 * fence_skip.c: leaves rows alone whose owner's data is on the other side
 *
 * This is the mode pg_gray.fence = skip, for sessions that must touch the rows of all users, each
 * of whom has live rows on one side only.  An AFTER trigger can refuse a row but can't leave it
 * alone.  A BEFORE trigger can, but as part of the table it would cost every writer, even when it
 * is disabled.  So the BEFORE trigger exists only in the executor's own copy of the table's
 * triggers, for the statements of such a session (silent_write.c removes triggers from the same
 * copy).
 *
 *   first   for the old row, before any other trigger fires for it
 *   last    for the new row, as the application's own BEFORE triggers left it
 *
 * The library may be loaded by a statement's first row that comes to a fence.  Such a statement
 * already runs and can't be given these triggers any more: it is refused, to be tried again.
 *
 * The mode never lets a wrong row through: the fence itself still checks each row that is written.
 * A statement by which a foreign key acts on other rows skips no row, since the foreign key would
 * not hold: there the fence refuses.
 */
#include "postgres.h"

#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/instrument.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/rel.h"

#include "fence/fence_mode.h"
#include "fence/fence_row.h"
#include "fence/fence_skip.h"
#include "fence/fence_table.h"
#include "fence/fence_verdict.h"
#include "postgres/partition.h"
#include "postgres/relation.h"

/* The triggers of this file are recognised by the address of their name. */
static char trigger_name[] = "pg_gray_fence_skip";

static ExecutorStart_hook_type previous_executor_start;
static ExecutorEnd_hook_type   previous_executor_end;

/*
 * The trigger
 */

static bool
is_elsewhere(const TriggerData *trigger, HeapTuple row, FenceEvent event)
{
	const FenceTable *table = fence_table_get(trigger->tg_relation, trigger->tg_trigger);
	TupleDesc		  descriptor = RelationGetDescr(trigger->tg_relation);

	return table->broken == NULL &&
		   fence_verdict_on(table, row, descriptor, event).answer == FENCE_ELSEWHERE;
}

static bool
changes_owner(const TriggerData *trigger)
{
	const FenceTable *table = fence_table_get(trigger->tg_relation, trigger->tg_trigger);

	return table->broken == NULL &&
		   fence_table_owner_may_differ(table, trigger->tg_trigtuple, trigger->tg_newtuple,
										RelationGetDescr(trigger->tg_relation));
}

static bool
must_skip(const TriggerData *trigger)
{
	bool is_last = TRIGGER_FOR_INSERT(trigger->tg_trigger->tgtype);

	if (!is_last)
		return is_elsewhere(trigger, trigger->tg_trigtuple, ROW_GOES);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return is_elsewhere(trigger, trigger->tg_trigtuple, ROW_COMES);
	return changes_owner(trigger) && is_elsewhere(trigger, trigger->tg_newtuple, ROW_COMES);
}

/* Return the row to go on with, or null to leave the row alone. */
static Datum
skip_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	uint64		*skipped = fcinfo->flinfo->fn_extra;

	if (must_skip(trigger))
	{
		(*skipped)++;
		return PointerGetDatum(NULL);
	}
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple
																	  : trigger->tg_trigtuple);
}

/*
 * Adding the triggers to the executor's copy
 */

static Trigger
make_trigger(const Trigger *fence, int events)
{
	Trigger trigger = *fence;

	trigger.tgoid = InvalidOid;
	trigger.tgname = trigger_name;
	trigger.tgtype = TRIGGER_TYPE_ROW | TRIGGER_TYPE_BEFORE | events;
	return trigger;
}

static void
add_triggers(TriggerDesc *triggers, const Trigger *fence)
{
	int		 count = triggers->numtriggers;
	Trigger *all = palloc(sizeof(Trigger) * (count + 2));

	all[0] = make_trigger(fence, TRIGGER_TYPE_UPDATE | TRIGGER_TYPE_DELETE);
	memcpy(&all[1], triggers->triggers, sizeof(Trigger) * count);
	all[count + 1] = make_trigger(fence, TRIGGER_TYPE_INSERT | TRIGGER_TYPE_UPDATE);
	triggers->triggers = all;
	triggers->numtriggers = count + 2;
	triggers->trig_insert_before_row = true;
	triggers->trig_update_before_row = true;
	triggers->trig_delete_before_row = true;
}

/* No trigger has been fired yet, so the arrays that belong to the triggers can be made anew. */
static void
prepare(ResultRelInfo *result, const Trigger *fence, EState *estate)
{
	MemoryContext before = MemoryContextSwitchTo(estate->es_query_cxt);
	uint64		 *skipped = palloc0(sizeof(uint64));
	int			  count;

	add_triggers(result->ri_TrigDesc, fence);
	count = result->ri_TrigDesc->numtriggers;
	result->ri_TrigFunctions = palloc0(sizeof(FmgrInfo) * count);
	result->ri_TrigWhenExprs = palloc0(sizeof(ExprState *) * count);
	if (result->ri_TrigInstrument != NULL)
		result->ri_TrigInstrument = InstrAlloc(count, estate->es_instrument, false);
	for (int i = 0; i < count; i += count - 1)
	{
		FmgrInfo *function = &result->ri_TrigFunctions[i];

		fmgr_info(result->ri_TrigDesc->triggers[i].tgfoid, function);
		function->fn_addr = skip_row;
		function->fn_extra = skipped;
	}
	MemoryContextSwitchTo(before);
}

static void
skip_executor_start(QueryDesc *query, int flags)
{
	ListCell *cell;

	if (previous_executor_start)
		previous_executor_start(query, flags);
	else
		standard_ExecutorStart(query, flags);

	if (!fence_mode_is_skip() || InNoForceRLSOperation())
		return;
	foreach(cell, query->estate->es_opened_result_relations)
	{
		ResultRelInfo *result = lfirst(cell);
		const Trigger *fence = fence_row_trigger(result->ri_TrigDesc);

		if (fence != NULL)
			prepare(result, fence, query->estate);
	}
}

/*
 * Reporting
 */

static uint64
count_skipped(const ResultRelInfo *result)
{
	const TriggerDesc *triggers = result->ri_TrigDesc;

	if (triggers == NULL || triggers->triggers[0].tgname != trigger_name)
		return 0;
	return *(uint64 *) result->ri_TrigFunctions[0].fn_extra;
}

static void
tell(Oid table, const List *results)
{
	uint64	  skipped = 0;
	ListCell *cell;

	foreach(cell, results)
	{
		const ResultRelInfo *result = lfirst(cell);

		if (partition_root(RelationGetRelid(result->ri_RelationDesc)) == table)
			skipped += count_skipped(result);
	}
	ereport(NOTICE, (errmsg_plural(UINT64_FORMAT " row of table %s was left alone",
								   UINT64_FORMAT " rows of table %s were left alone", skipped,
								   skipped, relation_name(table)),
					 errdetail("The data of their owners is on the other side.")));
}

static void
skip_executor_end(QueryDesc *query)
{
	List	 *results = query->estate->es_opened_result_relations;
	List	 *tables = NIL;
	ListCell *cell;

	foreach(cell, results)
	{
		const ResultRelInfo *result = lfirst(cell);

		if (count_skipped(result) > 0)
			tables =
				list_append_unique_oid(tables,
									   partition_root(RelationGetRelid(result->ri_RelationDesc)));
	}
	foreach(cell, tables)
		tell(lfirst_oid(cell), results);

	if (previous_executor_end)
		previous_executor_end(query);
	else
		standard_ExecutorEnd(query);
}

void
fence_skip_init(void)
{
	previous_executor_start = ExecutorStart_hook;
	ExecutorStart_hook = skip_executor_start;
	previous_executor_end = ExecutorEnd_hook;
	ExecutorEnd_hook = skip_executor_end;
}
