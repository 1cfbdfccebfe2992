/*
 * fence_row.c: no row is written on the side where its owner's data is not
 *
 * An AFTER ROW trigger, since that sees the row as it was really written,
 * whatever the application's own BEFORE triggers did.  For each owner of the
 * row, old and new, it
 *
 *   1. locks the user in share mode until the end of the transaction
 *   2. reads the user's state under the latest snapshot
 *   3. refuses the write with GR001 when the data is on the other side
 *
 * What the transaction has checked already is not checked again (fence_memory.h).
 *
 * A row whose owner can't be found belongs to nobody, or its owner row is
 * deleted in this transaction, or written by this same statement: then the fence
 * on the owner row, and the foreign key, guard it.
 *
 * Then the row's unique values are looked for on the other side (rival.h).
 */
#include "postgres.h"

#include "commands/trigger.h"
#include "fmgr.h"
#include "utils/rel.h"

#include "fence_path.h"
#include "fence_table.h"
#include "fence_user.h"
#include "latest.h"
#include "rival.h"

PG_FUNCTION_INFO_V1(fence_row);

/* The owner of a row with these path columns now; false when there is none that can be found. */
static bool
follow(const FenceTable *table, const Datum *values, Latest *latest, Owner *user)
{
	Datum uid;
	bool  found;

	*latest = latest_begin();
	found = fence_path_follow(table->path, latest->snapshot, values, &uid);
	latest_end(latest);
	if (found)
		*user = owner_of_user(table->release.id, table->release.uid_type, uid);
	return found;
}

/*
 * Nobody gives a row away whose owner is locked: so look again under the lock, if
 * anything can have changed before it was granted.
 */
static void
check_by_path(const FenceTable *table, const Datum *values)
{
	Owner  user;
	Owner  now;
	Side   live;
	Latest latest;

	if (!follow(table, values, &latest, &user))
		return;
	while (!fence_user_find(&user, &live))
	{
		fence_user_lock(&table->release, &user);
		if (latest_is_current(&latest) || !follow(table, values, &latest, &now) ||
			owner_same(&user, &now))
		{
			live = fence_user_read(&table->release, &user);
			break;
		}
		user = now;
	}
	fence_user_check(&table->release, &user, live, table->side);
}

static void
check_row(const FenceTable *table, HeapTuple row, TupleDesc descriptor)
{
	Datum values[INDEX_MAX_KEYS];
	Owner user;

	if (!fence_table_values(table, row, descriptor, values))
		return;
	if (table->path != NULL)
	{
		check_by_path(table, values);
		return;
	}
	user = owner_of_user(table->release.id, table->release.uid_type, values[0]);
	fence_user_keep(&table->release, &user, table->side);
}

Datum
fence_row(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	 descriptor;
	FenceTable	*table;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.fence() is an AFTER ROW trigger")));

	descriptor = RelationGetDescr(trigger->tg_relation);
	table = fence_table_get(trigger);
	check_row(table, trigger->tg_trigtuple, descriptor);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
		fence_table_owner_may_differ(table, trigger->tg_trigtuple, trigger->tg_newtuple, descriptor))
		check_row(table, trigger->tg_newtuple, descriptor);
	rival_refuse(trigger);
	return PointerGetDatum(NULL);
}
