/*
 * shared_row.c: refuses a foreign key's action that would reach live rows which the session does
 * not see
 *
 * An application deletes a row that both sides share because its own side no longer refers to the
 * row.  PostgreSQL's ON DELETE CASCADE, SET NULL or SET DEFAULT would then also delete or change
 * rows of the other side.  This AFTER ROW trigger fires before PostgreSQL's own, by its name, and
 * looks for referring rows on the other side.
 *
 * It is enough to look once, when the trigger fires:
 *
 *   the owners of the referring rows, on both sides, are locked as the fence locks them: none
 *   of them is moved
 *   an insert, or the way home, locks the row that the new row refers to, which is the deleted one
 *   a row that a move is just copying to gray has a frozen twin, which the fence checks
 *   (fence_reference.h)
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/rel.h"

#include "fence/session_side.h"
#include "fence/shared_table.h"
#include "postgres/latest_snapshot.h"
#include "postgres/row_image.h"
#include "reference/reference_action.h"
#include "user/uid.h"

PG_FUNCTION_INFO_V1(shared_row);

/* A search for the rows that refer by one key. */
typedef struct Search
{
	const SharedTable *table;
	const SharedKey	  *key;
	Side			   side;  /* the session's */
	Snapshot		   since; /* the statement's snapshot, or null */
	Datum			   values[REFERENCE_MAX_COLUMNS];
	LatestSnapshot	   looked;
	bool			   is_other; /* the key belongs to the other side */
	bool			   found;	 /* a live row of the other side was found */
	bool			   is_old;	 /* a user may have been moved since the look */
} Search;

/*
 * Looking
 */

static Side
keep_owner(Search *search, const Owner *owner)
{
	const FencedRelease *release = &search->table->release;
	Side				 live;

	if (fence_user_find(release, owner, search->side, search->since, &live))
		return live;
	fence_user_lock(release, owner);
	search->is_old |= !latest_snapshot_is_current(&search->looked);
	return fence_user_read(release, owner, search->side, search->since);
}

/* Rows without an owner live in production. */
static bool
visit(void *arg, Relation relation, TupleTableSlot *row)
{
	Search *search = arg;
	Side	live = SIDE_PRODUCTION;
	Datum	uid;

	if (row_owner_of(&search->key->owner, search->looked.snapshot, row, RelationGetRelid(relation),
					 &uid))
	{
		const FencedRelease *release = &search->table->release;
		Owner				 owner = owner_user(release->id, uid_family(release->uid_type), uid);

		live = keep_owner(search, &owner);
	}
	search->found = search->is_other && live == search->key->action.side;
	return !search->found;
}

/* Lock the owners.  Look again when an owner was locked after the look had begun. */
static bool
finds_live_row(Search *search)
{
	do
	{
		CommandCounterIncrement(); /* so that the look sees the writes of this very statement */
		search->looked = latest_snapshot_begin();
		search->found = false;
		search->is_old = false;
		key_look_each(&search->key->referrers, search->looked.snapshot, search->values, visit,
					  search);
		latest_snapshot_end(&search->looked);
	} while (search->is_old);
	return search->found;
}

/*
 * The deleted or updated row
 */

/*
 * An UPDATE that moves the row to another partition fires the trigger as a DELETE; its key
 * changes.
 */
static bool
is_update(const TriggerData *trigger)
{
	return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ||
		   HeapTupleHeaderIndicatesMovedPartitions(trigger->tg_trigtuple->t_data);
}

static bool
key_is_kept(const SharedKey *key, const TriggerData *trigger)
{
	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return false;
	for (int i = 0; i < key->action.count; i++)
	{
		if (!slot_value_same(trigger->tg_trigslot, trigger->tg_newslot, key->columns[i]))
			return false;
	}
	return true;
}

static void
raise_referred(const SharedKey *key, const TriggerData *trigger, const Datum *values)
{
	const ReferenceValues referred = {.referred = RelationGetRelid(trigger->tg_relation),
									  .columns = key->columns,
									  .values = values};

	reference_error_raise(&key->action, &referred,
						  psprintf("still referenced on the %s side, which this session does not see",
								   side_name(key->action.side)),
						  psprintf("A clean-up has to look on both sides. %s lets the action reach both. A session of the %s side says so: SET pg_gray.side = '%s'.",
								   key->allow, side_name(key->action.side),
								   side_name(key->action.side)));
}

static void
check_key(const SharedTable *table, const SharedKey *key, const TriggerData *trigger, Side side)
{
	Search search = {.table = table,
					 .key = key,
					 .side = side,
					 .since = latest_snapshot_statement(),
					 .is_other = key->action.side != side};

	if (key->either_side ||
		!(is_update(trigger) ? reference_action_on_update(&key->action)
							 : reference_action_on_delete(&key->action)) ||
		key_is_kept(key, trigger) ||
		!slot_value_take(trigger->tg_trigslot, key->columns, key->action.count, search.values))
		return;
	if (finds_live_row(&search))
		raise_referred(key, trigger, search.values);
}

static const SharedTable *
lock_table(const TriggerData *trigger)
{
	for (;;)
	{
		const SharedTable *table = shared_table_get(trigger->tg_relation, trigger->tg_trigger);

		shared_table_lock(table);
		if (!table->entry.stale)
			return table;
		shared_table_unlock(table);
	}
}

Datum
shared_row(PG_FUNCTION_ARGS)
{
	TriggerData		  *trigger = (TriggerData *) fcinfo->context;
	const SharedTable *table;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		trigger->tg_trigger->tgnargs != 1)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.shared() is an AFTER ROW trigger of DELETE and UPDATE")));

	table = lock_table(trigger);
	if (table->key_count > 0)
	{
		Side side = session_side(table->gray_schema);

		for (int i = 0; i < table->key_count; i++)
			check_key(table, &table->keys[i], trigger, side);
	}
	shared_table_unlock(table);
	return PointerGetDatum(NULL);
}
