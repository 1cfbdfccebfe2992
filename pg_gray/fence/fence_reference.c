/*
 * fence_reference.c: lets the action of a foreign key reach frozen rows where that does no harm
 *
 * ON DELETE CASCADE and the other actions write rows of every user who refers to the deleted row.
 * An AFTER trigger can't tell such a write from any other.  So the fence looks at the referred
 * row: an action was at work when the same statement deleted that row, or changed its key.  A
 * write of the application that passes for an action does no more than the action would have done.
 *
 *   the row referred to       a frozen row of another owner
 *   outside the release       passes, unless its live twin refers to the same row (shared_row.c has
 *                             checked the live rows, but not those that were being moved)
 *   the owner's own           shares the fate of the referred row, which was written first
 *   another user's            is refused with 23503: a replay on the other side would be in vain
 *
 * A row that passes by DELETE must not be missed on the way home, which skips rows that nobody
 * wrote in gray.  So the row passes only if it has no twin in gray, or a twin that was written.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "fence/fence_key.h"
#include "fence/fence_reference.h"
#include "fence/fence_table.h"
#include "postgres/latest_snapshot.h"
#include "postgres/partition.h"
#include "postgres/row_image.h"
#include "reference/reference_action.h"
#include "user/uid.h"

/* A write that the fence would refuse. */
typedef struct Write
{
	const TriggerData *trigger;
	const FenceTable  *table;
	const Owner		  *owner;
} Write;

/*
 * The write
 */

/*
 * An UPDATE that moves the row to another partition deletes it in the old partition and inserts it
 * into the new one.
 */
static bool
leaves_partition(const Write *write)
{
	return TRIGGER_FIRED_BY_DELETE(write->trigger->tg_event) &&
		   HeapTupleHeaderIndicatesMovedPartitions(write->trigger->tg_trigtuple->t_data);
}

static bool
is_delete(const Write *write)
{
	return TRIGGER_FIRED_BY_DELETE(write->trigger->tg_event) && !leaves_partition(write);
}

static bool
is_same(const Write *write, AttrNumber attnum)
{
	return slot_value_same(write->trigger->tg_trigslot, write->trigger->tg_newslot, attnum);
}

static bool
is_of_key(const ReferenceAction *action, AttrNumber attnum)
{
	for (int i = 0; i < action->count; i++)
	{
		if (action->referring_columns[i] == attnum)
			return true;
	}
	return false;
}

/*
 * An action writes only the key's columns; but BEFORE triggers of the application may change
 * others.
 */
static bool
writes_only_key(const Write *write, const ReferenceAction *action)
{
	const Relation relation = write->trigger->tg_relation;
	TupleDesc	   descriptor = RelationGetDescr(relation);

	if (relation->trigdesc->trig_update_before_row)
		return true;
	for (int i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (!attribute->attisdropped && attribute->attgenerated == '\0' &&
			!is_of_key(action, attribute->attnum) && !is_same(write, attribute->attnum))
			return false;
	}
	return true;
}

/* True when the new row has the values that the action gives it, as far as that can be told. */
static bool
writes_key(const Write *write, const ReferenceAction *action)
{
	bool only_null = action->on_delete != FKCONSTR_ACTION_SETDEFAULT &&
					 action->on_update != FKCONSTR_ACTION_SETDEFAULT &&
					 action->on_update != FKCONSTR_ACTION_CASCADE;
	bool changed = false;

	for (int i = 0; i < action->count; i++)
	{
		bool is_null;

		if (is_same(write, action->referring_columns[i]))
			continue;
		changed = true;
		(void) slot_getattr(write->trigger->tg_newslot, action->referring_columns[i], &is_null);
		if (only_null && !is_null)
			return false;
	}
	return changed;
}

static bool
may_be_action(const Write *write, const ReferenceAction *action)
{
	if (is_delete(write))
		return action->on_delete == FKCONSTR_ACTION_CASCADE;
	if (!reference_action_on_update(action) && action->on_update != FKCONSTR_ACTION_CASCADE &&
		(!reference_action_on_delete(action) || action->on_delete == FKCONSTR_ACTION_CASCADE))
		return false;
	return leaves_partition(write) || (writes_key(write, action) && writes_only_key(write, action));
}

/*
 * The referred row
 */

typedef struct Referred
{
	const Write	   *write;
	const FenceKey *key;
	Datum			values[REFERENCE_MAX_COLUMNS];
	Snapshot		snapshot; /* the statement's snapshot */
	bool			was_there;
	bool			is_there;
	/* this transaction has deleted the referred row since, or changed its key */
	bool is_taken;
	/* the referred row belongs to the owner of the row that refers to it */
	bool is_own;
} Referred;

static bool
has_other_key(const Referred *referred, Relation relation, TupleTableSlot *row, ItemPointer next)
{
	const ReferenceAction *action = &referred->key->action;
	TupleTableSlot		  *other = table_slot_create(relation, NULL);
	bool				   differs = false;

	if (table_tuple_fetch_row_version(relation, next, SnapshotAny, other))
	{
		for (int i = 0; i < action->count && !differs; i++)
		{
			AttrNumber attnum = partition_attnum(RelationGetRelid(relation), action->referred,
												 action->referred_columns[i]);

			differs = !slot_value_same(row, other, attnum);
		}
	}
	ExecDropSingleTupleTableSlot(other);
	return differs;
}

static bool
is_taken(const Referred *referred, Relation relation, TupleTableSlot *row)
{
	HeapTupleHeader header;

	if (!TTS_IS_BUFFERTUPLE(row))
		return false;
	header = ((BufferHeapTupleTableSlot *) row)->base.tuple->t_data;
	if ((header->t_infomask & HEAP_XMAX_INVALID) || HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask) ||
		!TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetUpdateXid(header)))
		return false;
	return HeapTupleHeaderIndicatesMovedPartitions(header) ||
		   ItemPointerEquals(&header->t_ctid, &row->tts_tid) ||
		   has_other_key(referred, relation, row, &header->t_ctid);
}

static bool
visit_before(void *arg, Relation relation, TupleTableSlot *row)
{
	Referred			*referred = arg;
	const Write			*write = referred->write;
	const FencedRelease *release = &write->table->release;
	Datum				 uid;

	referred->was_there = true;
	referred->is_taken = is_taken(referred, relation, row);
	if (!referred->key->is_outside && row_owner_of(&referred->key->owner, referred->snapshot, row,
												   RelationGetRelid(relation), &uid))
	{
		Owner owner = owner_user(release->id, uid_family(release->uid_type), uid);

		referred->is_own = owner_same(&owner, write->owner);
	}
	return false;
}

static bool
visit_now(void *arg, Relation relation pg_attribute_unused(),
		  TupleTableSlot *row pg_attribute_unused())
{
	((Referred *) arg)->is_there = true;
	return false;
}

/*
 * Look at the referred row as the statement saw it.  When that does not tell, because the
 * statement has waited for another writer of that row, look at the row as it is now.  A row that
 * never was there was not taken.
 */
static bool
was_reached(Referred *referred)
{
	const KeyLook *look = &referred->key->referred;
	LatestSnapshot latest;

	referred->snapshot = RegisterSnapshot(GetActiveSnapshot());
	key_look_each(look, referred->snapshot, referred->values, visit_before, referred);
	UnregisterSnapshot(referred->snapshot);
	if (referred->is_taken || !referred->was_there)
		return referred->is_taken;
	CommandCounterIncrement();
	latest = latest_snapshot_begin();
	key_look_each(look, latest.snapshot, referred->values, visit_now, referred);
	latest_snapshot_end(&latest);
	return !referred->is_there;
}

/*
 * The verdict
 */

/*
 * In a table with an owner path, a row keeps its owner as long as it refers to a row of that
 * owner.
 */
static bool
changes_owner(const Referred *referred)
{
	const Write		  *write = referred->write;
	const TriggerData *trigger = write->trigger;

	return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
		   !(referred->is_own && write->table->path != NULL) &&
		   fence_table_owner_may_differ(write->table, trigger->tg_trigtuple, trigger->tg_newtuple,
										RelationGetDescr(trigger->tg_relation));
}

static bool
may_pass(const Referred *referred, const FenceKeys *keys)
{
	const Write *write = referred->write;

	return write->table->side == SIDE_PRODUCTION &&
		   (referred->key->is_outside || referred->is_own) && !changes_owner(referred) &&
		   !fence_key_has_twin(keys, referred->key, write->owner->uid, write->trigger,
							   is_delete(write));
}

/*
 * The last row that left its partition.  The next event is its arrival in another partition, as a
 * row of the same owner.
 */
typedef struct Leaving
{
	SubTransactionId subtransaction; /* 0: no row has left */
	TransactionId	 transaction;
	Oid				 root;
	uint64			 owner; /* the owner's hash */
} Leaving;

static Leaving leaving;

static Leaving
leaving_now(const Write *write)
{
	return (Leaving){.subtransaction = GetCurrentSubTransactionId(),
					 .transaction = GetTopTransactionId(),
					 .root = partition_root(RelationGetRelid(write->trigger->tg_relation)),
					 .owner = write->owner->hash};
}

static bool
arrives(const Write *write)
{
	Leaving now = leaving_now(write);
	bool	is_same = leaving.subtransaction == now.subtransaction &&
				   leaving.transaction == now.transaction && leaving.root == now.root &&
				   leaving.owner == now.owner;

	leaving.subtransaction = InvalidSubTransactionId;
	return is_same;
}

static void
raise_reached(const Referred *referred)
{
	const ReferenceAction *action = &referred->key->action;
	const Write			  *write = referred->write;
	Oid					   types[REFERENCE_MAX_COLUMNS];
	const ReferenceValues  key = {.referred = action->referred,
								  .columns = action->referred_columns,
								  .values = referred->values,
								  .types = types};
	const char			  *uid = uid_from_value(write->owner->uid_type, write->owner->uid)->text;

	for (int i = 0; i < action->count; i++)
		types[i] = get_atttype(action->referrer, action->referring_columns[i]);
	if (write->table->side == SIDE_PRODUCTION)
		reference_error_raise(action, &key,
							  "still referenced from a row whose live twin is on the gray side",
							  psprintf("Bring that user home first: SELECT gray_migrate_back(%s, %s).",
									   quote_literal_cstr(uid),
									   quote_literal_cstr(write->table->release.name)));
	reference_error_raise(action, &key,
						  "still referenced from a row that would belong to a user of the production side",
						  "Change that row first.");
}

/*
 * Return true when an action wrote the row and may; raise when an action wrote the row and must
 * not.
 */
static bool
is_reached_and_passes(const Write *write)
{
	const FenceKeys *keys = fence_key_get(write->table);

	for (int i = 0; i < keys->count; i++)
	{
		Referred			   referred = {.write = write, .key = &keys->keys[i]};
		const ReferenceAction *action = &referred.key->action;

		if (!may_be_action(write, action) ||
			!slot_value_take(write->trigger->tg_trigslot, action->referring_columns, action->count,
							 referred.values) ||
			!was_reached(&referred))
			continue;
		if (!may_pass(&referred, keys))
			raise_reached(&referred);
		return true;
	}
	return false;
}

bool
fence_reference_lets_pass(const TriggerData *trigger, const FenceTable *table, const Owner *owner)
{
	const Write write = {trigger, table, owner};
	bool		passes;

	if (trigger == NULL)
		return false;
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return arrives(&write);
	passes = is_reached_and_passes(&write);
	if (passes && leaves_partition(&write))
		leaving = leaving_now(&write);
	return passes;
}
