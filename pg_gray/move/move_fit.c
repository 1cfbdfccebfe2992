/*
 * move_fit.c: decides whether a move may be made in this transaction, and now
 */
#include "postgres.h"

#include "access/xact.h"
#include "commands/trigger.h"
#include "nodes/pg_list.h"

#include "move/move_fit.h"
#include "move/move_step.h"
#include "move/prepared.h"
#include "postgres/partition.h"
#include "postgres/relation.h"
#include "release/release.h"
#include "user/uid.h"

void
move_fit_transaction(void)
{
	if (XactReadOnly)
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("a user can't be moved in a read-only transaction"),
						errhint("Call it on the primary, in a READ WRITE transaction.")));
	if (SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("a user can't be moved with session_replication_role = replica"),
						errdetail("Foreign keys from other tables would not act on what is moved."),
						errhint("SET session_replication_role = origin;")));
	if (XactIsoLevel != XACT_READ_COMMITTED && XactIsoLevel != XACT_READ_UNCOMMITTED)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg(
					 "a user can't be moved in a transaction with isolation level above READ COMMITTED"),
				 errdetail("Its snapshot may be older than what the user's last writer wrote."),
				 errhint(
					 "Call it in a transaction of its own, or BEGIN ISOLATION LEVEL READ COMMITTED.")));
}

/* It is no user's fault that version 2 has dropped tables, so no user becomes failed or stuck. */
void
move_fit_tables(Move *move)
{
	const TwinSet *set = move->prepared->set;

	if (move->kind == MOVE_DISCARD)
		return;
	move->unfit = true;
	move->plain = true;
	twin_refuse_cut(twin_find_cut(set));
	if (set->count == 0 && move->kind == MOVE_MIGRATE)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("all gray tables of release \"%s\" are gone", move->release->name),
						errhint("Drop the release, and create it again.")));
	move->unfit = false;
	move->plain = false;
}

/*
 * The way home takes rows that were written without a fence for rows that were there before the
 * move.  So nobody is moved to gray while a fence is off.  A way home becomes stuck, so that a
 * person looks at it.
 */
void
move_fit_fences(Move *move)
{
	if (move->prepared->unfenced == NULL || move->kind == MOVE_DISCARD)
		return;
	move->unfit = move->kind == MOVE_MIGRATE;
	move->plain = true;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the fence of table %s is off", move->prepared->unfenced),
			 errdetail("Writes to rows of users whose data is on the other side are not refused."),
			 errhint("SELECT gray_open('%s') puts it up again.", move->release->name)));
}

unsigned int
move_fit_pending_table(const struct TwinSet *set, Side side)
{
	for (int i = 0; i < set->count; i++)
	{
		Oid		  table = set->twins[i].relation[side];
		ListCell *cell;

		if (AfterTriggerPendingOnRel(table))
			return table;
		foreach(cell, partition_all(table))
		{
			if (AfterTriggerPendingOnRel(lfirst_oid(cell)))
				return lfirst_oid(cell);
		}
	}
	return InvalidOid;
}

/*
 * Deferred checks of this transaction would come too late: by then the rows are gone from gray,
 * and two rows with one key would have become one row at home.
 */
void
move_fit_no_pending_checks(Move *move)
{
	Oid table = move_fit_pending_table(move->prepared->set, SIDE_GRAY);

	if (!OidIsValid(table))
		return;
	move->unfit = true;
	move->plain = true;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_IN_USE),
			 errmsg("user \"%s\" can't be brought home while constraint checks are deferred",
					move->uid->text),
			 errdetail("Rows of table %s were written in this transaction and are still to be checked.",
					   relation_name(table)),
			 errhint("COMMIT first, or SET CONSTRAINTS ALL IMMEDIATE.")));
}
