/*
 * silent_write.c: writes moved rows without firing triggers
 *
 * The executor works on its own copy of a table's trigger descriptions, made in ExecutorStart.
 * For one armed statement, a hook marks triggers in that copy as disabled.  Nothing is changed in
 * the catalogs or in any setting, so cached plans stay valid and functions that the statement
 * calls run as always.  (session_replication_role would flush all plans, and leak into such
 * functions.)
 *
 * ExecutorStart also makes the copies for partitions.  But an INSERT into a partitioned table
 * makes its copies later, row by row: so rows are inserted into the partitions themselves
 * (copy_partition.h).
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "nodes/pg_list.h"
#include "parser/parsetree.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "fence/shared_trigger.h"
#include "move/late_unique.h"
#include "move/silent_write.h"
#include "postgres/partition.h"
#include "release/twin.h"

typedef struct Armed
{
	const char	*text; /* text of the statement, known by its address; null: not armed */
	Oid			 root; /* Oid of the target's root: a partition counts as its root */
	SilentTarget target;
} Armed;

static Armed				   armed;
static ExecutorStart_hook_type previous_executor_start;

/* True for the tables whose rows are moved, and whose foreign keys moves check set-wise. */
static bool
has_table(const SilentTarget *target, Oid root)
{
	return twin_find(target->set, target->side, root) != NULL ||
		   (target->side == SIDE_GRAY && twin_find_own(target->set, root) != NULL);
}

static bool
must_fire(const Trigger *trigger, const Armed *statement)
{
	if (!trigger->tgisinternal)
		return shared_trigger_is(trigger);
	if (trigger->tgfoid == F_UNIQUE_KEY_RECHECK)
		return true;
	return RI_FKey_trigger_type(trigger->tgfoid) == RI_TRIGGER_PK &&
		   !has_table(&statement->target, partition_root(trigger->tgconstrrelid));
}

/* True for a gray table of the release that takes no part in moves, since something of it is gone. */
static bool
is_left_out(const TwinSet *set, Oid root)
{
	ListCell *cell;

	foreach(cell, set->gone)
	{
		if (((const GoneTwin *) lfirst(cell))->relation[SIDE_GRAY] == root)
			return true;
	}
	return list_member_oid(set->left_out, root);
}

/*
 * On the gray side no action of a foreign key may reach the rows of a table that is not moved: the
 * rows that a move clears there are not deleted, but live on at home.  So a row that refers to them
 * is an error, whatever the foreign key says.  Rows of a table that is left out can only be given
 * up.
 */
static void
refuse_action(Trigger *trigger, const SilentTarget *target)
{
	if (target->side == SIDE_GRAY && trigger->tgisinternal && TRIGGER_FOR_DELETE(trigger->tgtype) &&
		RI_FKey_trigger_type(trigger->tgfoid) == RI_TRIGGER_PK &&
		!is_left_out(target->set, partition_root(trigger->tgconstrrelid)))
		trigger->tgfoid = F_RI_FKEY_NOACTION_DEL;
}

bool
silent_write_fires_on_delete(SilentTarget target)
{
	Relation		   table = table_open(target.twin->relation[target.side], AccessShareLock);
	const Armed		   statement = {.target = target};
	const TriggerDesc *triggers = table->trigdesc;
	bool			   fires = false;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		fires |= TRIGGER_FOR_DELETE(triggers->triggers[i].tgtype) &&
				 must_fire(&triggers->triggers[i], &statement);
	table_close(table, NoLock);
	return fires;
}

/* A security-restricted operation may not defer a constraint. */
static void
make_immediate(Trigger *trigger)
{
	trigger->tgdeferrable = false;
	trigger->tginitdeferred = false;
}

/*
 * Disable the triggers that must not fire.  Without a trigger description, or with only the flags
 * of the remaining triggers (all of which are AFTER ROW), the executor does not even read the old
 * rows for them.
 */
static void
silence(ResultRelInfo *result, const Armed *statement)
{
	TriggerDesc *triggers = result->ri_TrigDesc;
	TriggerDesc	 left = {0};
	bool		 any = false;

	if (triggers == NULL)
		return;
	left.triggers = triggers->triggers;
	left.numtriggers = triggers->numtriggers;
	for (int i = 0; i < triggers->numtriggers; i++)
	{
		Trigger *trigger = &triggers->triggers[i];

		if (!must_fire(trigger, statement))
		{
			trigger->tgenabled = TRIGGER_DISABLED;
			continue;
		}
		any = true;
		make_immediate(trigger);
		refuse_action(trigger, &statement->target);
		left.trig_insert_after_row |= TRIGGER_FOR_INSERT(trigger->tgtype);
		left.trig_update_after_row |= TRIGGER_FOR_UPDATE(trigger->tgtype);
		left.trig_delete_after_row |= TRIGGER_FOR_DELETE(trigger->tgtype);
	}
	*triggers = left;
	if (!any)
		result->ri_TrigDesc = NULL;
}

/* Functions that are called while the statement is planned may write the same table. */
static bool
is_armed_statement(const QueryDesc *query)
{
	ListCell *cell;

	if (armed.text == NULL || query->sourceText != armed.text || query->operation == CMD_SELECT)
		return false;
	foreach(cell, query->plannedstmt->resultRelations)
	{
		RangeTblEntry *entry = rt_fetch(lfirst_int(cell), query->plannedstmt->rtable);

		if (partition_root(entry->relid) == armed.root)
			return true;
	}
	return false;
}

static void
quiet_executor_start(QueryDesc *query, int flags)
{
	Armed	  statement = {0};
	ListCell *cell;

	if (is_armed_statement(query))
	{
		statement = armed;
		armed.text = NULL;
	}

	if (previous_executor_start)
		previous_executor_start(query, flags);
	else
		standard_ExecutorStart(query, flags);

	if (statement.text == NULL)
		return;
	foreach(cell, query->estate->es_opened_result_relations)
	{
		ResultRelInfo *result = lfirst(cell);

		if (partition_root(RelationGetRelid(result->ri_RelationDesc)) == statement.root)
			silence(result, &statement);
	}
	if (query->operation == CMD_UPDATE && query->plannedstmt->hasReturning)
		late_unique_begin(query, statement.target.twin, statement.target.side);
}

unsigned int
silent_write_table(SilentTarget target)
{
	return OidIsValid(target.partition) ? target.partition : target.twin->relation[target.side];
}

uint64_t
silent_write_run(struct _SPI_plan *plan, const QueryArgs *args, SilentTarget target)
{
	volatile uint64_t rows = 0;

	armed.text = query_plan_text(plan);
	armed.root = partition_root(target.twin->relation[target.side]);
	armed.target = target;
	PG_TRY();
	{
		rows = query_run_plan(plan, args);
		if (armed.text != NULL)
			elog(ERROR, "statement \"%s\" did not write its table", query_plan_text(plan));
	}
	PG_FINALLY();
	{
		armed.text = NULL;
		late_unique_end();
	}
	PG_END_TRY();
	return rows;
}

void
silent_write_init(void)
{
	previous_executor_start = ExecutorStart_hook;
	ExecutorStart_hook = quiet_executor_start;
}
