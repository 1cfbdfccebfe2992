/*
 * fence_row.c: no row is written on the side where its owner's data is not
 *
 * An AFTER ROW trigger, since that sees the row as it was really written,
 * whatever the application's own BEFORE triggers did.  It refuses a write whose
 * row, old or new, has an owner on the other side (fence_verdict.h).
 *
 * Then the row's unique values are looked for on the other side (rival.h).
 */
#include "postgres.h"

#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/rel.h"

#include "fence.h"
#include "fence_orphan.h"
#include "fence_reference.h"
#include "fence_row.h"
#include "fence_skip.h"
#include "fence_table.h"
#include "fence_user.h"
#include "fence_verdict.h"
#include "latest.h"
#include "own_trigger.h"
#include "rival.h"

PG_FUNCTION_INFO_V1(fence_row);

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

/*
 * Whose the row is can't be told.  As long as nobody's data is in gray, it does not matter
 * in production, and nobody is moved before this transaction ends.
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
			fence_skip_refuse_first();
			fence_user_refuse(&table->release, &verdict.owner, table->side);
			break;
		case FENCE_NOBODY:
			refuse_nobody(relation, verdict.attnum);
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
						fence_table_child_count(table) > 0 ? ROW_GIVEN : ROW_GOES, trigger);
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

/* One that fires for some writes alone is none: whoever may create triggers could put it there. */
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
