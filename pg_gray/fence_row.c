/*
 * fence_row.c: no row is written on the side where its owner's data is not
 *
 * An AFTER ROW trigger, since that sees the row as it was really written,
 * whatever the application's own BEFORE triggers did.  It refuses a write whose
 * row, old or new, has an owner on the other side (fence_verdict.h).
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/rel.h"

#include "fence_table.h"
#include "fence_user.h"
#include "fence_verdict.h"

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

static void
check_row(const FenceTable *table, Relation relation, HeapTuple row, FenceEvent event)
{
	FenceVerdict verdict = fence_verdict_on(table, row, RelationGetDescr(relation), event);

	if (verdict.answer == FENCE_NOBODY)
		refuse_nobody(relation, verdict.attnum);
	if (verdict.answer == FENCE_ELSEWHERE)
		fence_user_refuse(&table->release, &verdict.owner, table->side);
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
