/*
 * shared_row.c: no action of a foreign key reaches live rows that the session does not see
 *
 * A row that both sides share is deleted because one side no longer refers to it.  PostgreSQL's
 * own ON DELETE CASCADE, SET NULL or SET DEFAULT would then take or change rows of the other side,
 * too.  This AFTER ROW trigger comes before it, by its name, and asks the other side.
 *
 * It is enough to ask there and then:
 *
 *   the owners of the rows that refer to it, on both sides, are locked as the fence does: nobody
 *   of them is moved
 *   a row that is inserted there, or brought home, locks the row it refers to, which is ours
 *   a row that a move is just copying to gray has a frozen twin, which the fence looks at
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
	Snapshot		   since; /* the statement's, or null */
	Datum			   values[REFERENCE_MAX_COLUMNS];
	LatestSnapshot	   looked;
	bool			   is_other; /* the key is of the other side */
	bool			   found;	 /* a live row there */
	bool			   is_old;	 /* somebody may have been moved since the look */
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

/* Rows of nobody live in production. */
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

/* Lock the owners; and look again when one was locked later than the look began. */
static bool
finds_live_row(Search *search)
{
	do
	{
		CommandCounterIncrement(); /* to see what this very statement wrote */
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
 * The row that goes
 */

/* An UPDATE that puts the row into another partition comes as a DELETE; its key is another. */
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
