/*
 * reference_check.c: checks the foreign keys of moved rows set-wise
 *
 * A check is one anti-join for each foreign key and user in place of one look-up for each row.  A
 * foreign key that can't fail is not checked: see reference.h.  For a foreign key that leads out
 * of the release, each value is looked up once, since the two tables may have two owners.
 */
#include "postgres.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "storage/lmgr.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "move/move_step.h"
#include "move/prepared.h"
#include "move/reference.h"
#include "move/reference_check.h"
#include "postgres/latest_snapshot.h"
#include "postgres/relation.h"
#include "reference/key_look.h"
#include "reference/key_values.h"
#include "reference/reference_action.h"
#include "release/twin_sql.h"

/* Append the rows c whose foreign key is checked, as FROM item and condition. */
static void
append_all_rows(StringInfo sql, const Reference *reference)
{
	appendStringInfo(sql, "%s c WHERE ", relation_name(reference->key->conrelid));
	twin_sql_owned(sql, reference->twin, reference->side, "c");
}

static void
append_picked_rows(StringInfo sql, const Reference *reference)
{
	const Twin *twin = reference->twin;

	appendStringInfo(sql, "%s g, %s c WHERE g.ctid = ANY ($2) AND ", twin->table[SIDE_GRAY],
					 twin->table[SIDE_PRODUCTION]);
	twin_sql_same_key_as(sql, twin, "c");
}

typedef void (*AppendRows)(StringInfo sql, const Reference *reference);

static void
append_lock(StringInfo sql, const Reference *reference, AppendRows append_rows)
{
	appendStringInfo(sql, "SELECT 1 FROM %s r WHERE EXISTS (SELECT 1 FROM ",
					 relation_name(reference->key->confrelid));
	append_rows(sql, reference);
	appendStringInfoString(sql, " AND ");
	reference_sql_refers(sql, reference->key, "c", "r");
	appendStringInfoString(sql, ") FOR KEY SHARE OF r NOWAIT");
}

static void
append_check(StringInfo sql, const Reference *reference, AppendRows append_rows)
{
	const ForeignKeyCacheInfo *key = reference->key;

	appendStringInfoString(sql, "SELECT ");
	reference_sql_columns(sql, key, "c", ", ", "");
	appendStringInfoString(sql, " FROM ");
	append_rows(sql, reference);
	appendStringInfoString(sql, " AND ");
	reference_sql_columns(sql, key, "c", " AND ", " IS NOT NULL");
	appendStringInfo(sql, " AND NOT EXISTS (SELECT 1 FROM %s r WHERE ",
					 relation_name(key->confrelid));
	reference_sql_refers(sql, key, "c", "r");
	appendStringInfoString(sql, ") LIMIT 1");
}

/* Append a SELECT of the distinct values by which rows refer to a table outside the release. */
static void
append_values(StringInfo sql, const Reference *reference, AppendRows append_rows)
{
	const ForeignKeyCacheInfo *key = reference->key;
	ReferenceAction			   action;

	(void) reference_action_load(key->conoid, &action);
	key_values_select(sql, "c", key->conrelid, action.referring_columns,
					  key_values_referring_types(&action), action.count);
	appendStringInfoString(sql, " FROM ");
	append_rows(sql, reference);
	appendStringInfoString(sql, " AND ");
	reference_sql_columns(sql, key, "c", " AND ", " IS NOT NULL");
}

static void
lock_all_text(StringInfo sql, const Twin *twin pg_attribute_unused(), const void *reference)
{
	append_lock(sql, reference, append_all_rows);
}

static void
lock_picked_text(StringInfo sql, const Twin *twin pg_attribute_unused(), const void *reference)
{
	append_lock(sql, reference, append_picked_rows);
}

static void
check_all_text(StringInfo sql, const Twin *twin pg_attribute_unused(), const void *reference)
{
	append_check(sql, reference, append_all_rows);
}

static void
check_picked_text(StringInfo sql, const Twin *twin pg_attribute_unused(), const void *reference)
{
	append_check(sql, reference, append_picked_rows);
}

static void
outside_all_text(StringInfo sql, const Twin *twin pg_attribute_unused(), const void *reference)
{
	append_values(sql, reference, append_all_rows);
}

static void
outside_picked_text(StringInfo sql, const Twin *twin pg_attribute_unused(), const void *reference)
{
	append_values(sql, reference, append_picked_rows);
}

/*
 * The texts of the statements that check a reference: lock and check for a table of the release,
 * outside for the values that refer to a table outside.
 */
typedef struct Keeping
{
	void (*lock)(StringInfo sql, const Twin *twin, const void *reference);
	void (*check)(StringInfo sql, const Twin *twin, const void *reference);
	void (*outside)(StringInfo sql, const Twin *twin, const void *reference);
} Keeping;

static const Keeping keep_all = {lock_all_text, check_all_text, outside_all_text};
static const Keeping keep_picked = {lock_picked_text, check_picked_text, outside_picked_text};

/*
 * Keeping
 */

static void
raise_not_present(const ForeignKeyCacheInfo *key, const char *values)
{
	ereport(ERROR, (errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
					errmsg("insert or update on table \"%s\" violates foreign key constraint \"%s\"",
						   get_rel_name(key->conrelid), get_constraint_name(key->conoid)),
					errdetail("Key %s is not present in table \"%s\".", values,
							  get_rel_name(key->confrelid)),
					reference_sql_error(key)));
}

static void
keep_inside(const Move *move, const Reference *reference, const Keeping *keeping,
			const QueryArgs *args)
{
	if (!reference->to_owner)
		statement_stream(move, (Statement){keeping->lock, reference->twin, reference}, args,
						 None_Receiver);
	if (statement_run(move, (Statement){keeping->check, reference->twin, reference}, args) > 0)
		raise_not_present(reference->key, reference_sql_key(reference->key));
}

/*
 * References to a table outside the release
 */

typedef struct Target
{
	Snapshot snapshot;
	bool	 is_there; /* the row exists, and is locked FOR KEY SHARE */
	bool	 again;	   /* the row was written since the snapshot was taken */
} Target;

static bool
lock_target(void *arg, Relation relation, TupleTableSlot *row)
{
	Target		   *target = arg;
	TupleTableSlot *locked = table_slot_create(relation, NULL);
	TM_FailureData	failure = {0};
	TM_Result		result = table_tuple_lock(relation, &row->tts_tid, target->snapshot, locked,
											  GetCurrentCommandId(true), LockTupleKeyShare, LockWaitError,
											  TUPLE_LOCK_FLAG_LOCK_UPDATE_IN_PROGRESS |
												  TUPLE_LOCK_FLAG_FIND_LAST_VERSION,
											  &failure);

	ExecDropSingleTupleTableSlot(locked);
	target->again = failure.traversed || result == TM_Updated;
	target->is_there = result == TM_Ok && !target->again;
	return !target->is_there && !target->again;
}

/*
 * An UPDATE of the row's key, committed since the snapshot, may mean that another row has the
 * values now.  So look again.
 */
static bool
find_target(const KeyLook *look, const Datum *values)
{
	Target target;

	do
	{
		LatestSnapshot latest = latest_snapshot_begin();

		target = (Target){.snapshot = latest.snapshot};
		key_look_each(look, latest.snapshot, values, lock_target, &target);
		latest_snapshot_end(&latest);
	} while (target.again);
	return target.is_there;
}

/*
 * A foreign key to a table needs fewer rights than reading or locking the table, and the owner of
 * the release's tables may have no others.  So the look-up runs as the owner of the referred
 * table.
 */
static void
find_targets(const ReferenceAction *action, KeyValues *values, const ForeignKeyCacheInfo *key)
{
	KeyLook look;
	Datum	next[REFERENCE_MAX_COLUMNS];

	LockRelationOid(action->referred, RowShareLock);
	key_look_load_referred_by(&look, action, values->types);
	while (key_values_next(values, next))
	{
		if (!find_target(&look, next))
			raise_not_present(key, key_values_text(values, next, action->referrer,
												   action->referring_columns));
	}
	key_look_free(&look);
}

static void
keep_outside(const Move *move, const Reference *reference, const Keeping *keeping,
			 const QueryArgs *args)
{
	ReferenceAction action;
	KeyValues		values;

	(void) reference_action_load(reference->key->conoid, &action);
	key_values_begin(&values, key_values_referring_types(&action), action.count);
	statement_stream(move, (Statement){keeping->outside, reference->twin, reference}, args,
					 key_values_receiver(&values));
	find_targets(&action, &values, reference->key);
	key_values_end(&values);
}

static void
keep_reference(const Move *move, const Reference *reference, const Keeping *keeping,
			   const QueryArgs *args)
{
	if (reference->parent != NULL)
		keep_inside(move, reference, keeping, args);
	else
		keep_outside(move, reference, keeping, args);
}

void
reference_check_copied(const Move *move, const Twin *twin)
{
	ListCell *cell;

	foreach(cell, reference_list(&move->prepared->references, twin, SIDE_GRAY))
	{
		const Reference *reference = lfirst(cell);

		if (!reference->holds_by_copy)
			keep_reference(move, reference, &keep_all, &move->args);
	}
}

void
reference_check_home(const Move *move, const Reference *reference)
{
	keep_reference(move, reference, &keep_all, &move->args);
}

void
reference_check_picked(const Move *move, const Reference *reference, const QueryArgs *picked)
{
	keep_reference(move, reference, &keep_picked, picked);
}

/*
 * Referrers
 */

/*
 * Append a condition: no row that comes home will have the values to which the reference refers in
 * p.
 */
static void
append_goes(StringInfo sql, const Twin *twin, const Reference *reference)
{
	appendStringInfoString(sql, " AND ");
	if (reference->to_key)
	{
		twin_sql_without_twin(sql, twin);
		return;
	}
	appendStringInfoString(sql, "NOT ");
	reference_sql_comes_back(sql, twin, reference->key);
}

static void
referrers_text(StringInfo sql, const Twin *twin, const void *detail)
{
	const Reference			  *reference = detail;
	const ForeignKeyCacheInfo *key = reference->key;
	const char				  *alias = twin_sql_alias(reference->side);

	appendStringInfoString(sql, "SELECT ");
	reference_sql_columns(sql, key, "c", ", ", "");
	appendStringInfo(sql, " FROM %s %s JOIN %s c ON ", relation_name(key->confrelid), alias,
					 relation_name(key->conrelid));
	reference_sql_refers(sql, key, "c", alias);
	appendStringInfoString(sql, " WHERE ");
	twin_sql_owned(sql, twin, reference->side, alias);
	if (reference->side == SIDE_PRODUCTION)
		append_goes(sql, twin, reference);
	appendStringInfoString(sql, " AND (");
	twin_sql_owned(sql, reference->twin, reference->side, "c");
	appendStringInfoString(sql, ") IS NOT TRUE LIMIT 1");
}

static void
check_referrers(const Move *move, const Twin *twin, const Reference *reference)
{
	const ForeignKeyCacheInfo *key = reference->key;

	if (statement_run(move, (Statement){referrers_text, twin, reference}, &move->args) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("update or delete on table \"%s\" violates foreign key constraint \"%s\" on table \"%s\"",
						get_rel_name(key->confrelid), get_constraint_name(key->conoid),
						get_rel_name(key->conrelid)),
				 errdetail("Key %s of another user's row refers to it.", reference_sql_key(key)),
				 reference_sql_error(key)));
}

/* Rows whose foreign key leads to their owner belong to the same user, so they are not checked. */
static void
check_all_referrers(const Move *move, const Twin *twin, Side side, bool by_key)
{
	const TwinSet *set = move->prepared->set;

	for (int i = 0; i < set->count; i++)
	{
		ListCell *cell;

		foreach(cell, reference_list(&move->prepared->references, &set->twins[i], side))
		{
			const Reference *reference = lfirst(cell);

			if (reference->parent == twin && !reference->to_owner && (by_key || !reference->to_key))
				check_referrers(move, twin, reference);
		}
	}
}

void
reference_check_referrers(const Move *move, const Twin *twin, Side side)
{
	check_all_referrers(move, twin, side, true);
}

void
reference_check_written(const Move *move, const Twin *twin)
{
	check_all_referrers(move, twin, SIDE_PRODUCTION, false);
}
