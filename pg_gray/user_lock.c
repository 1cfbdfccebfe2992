/*
 * user_lock.c: the locks between writers and moves
 *
 * Two kinds of lock, in a space of their own: advisory lock tags whose last
 * field is none that pg_advisory_lock uses, so that they can't collide with
 * an application's.  They show in pg_locks as advisory locks with that
 * objsubid.
 *
 *              user             release
 *   writer     Share            -
 *   giver      Exclusive        -              (a row that other rows lead to)
 *   move       Exclusive        RowExclusive
 *   all users  -                Share          (many users, TRUNCATE, switch)
 *
 * A move never holds one lock while it blocks on the other: whoever holds
 * one in Share mode and wants the other would deadlock with it.  It takes the
 * second conditionally, and starts over when that fails.
 */
#include "postgres.h"

#include <limits.h>

#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/rel.h"
#include "utils/resowner.h"

#include "fence_memory.h"
#include "role.h"
#include "uid.h"
#include "user_lock.h"

/* pg_advisory_lock(bigint) uses 1, pg_advisory_lock(int, int) uses 2. */
#define USER_LOCK_SPACE 7001
#define RELEASE_LOCK_SPACE 7002

PG_FUNCTION_INFO_V1(user_lock_trigger);

static void
user_tag(LOCKTAG *tag, uint64 user)
{
	SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, (uint32) (user >> 32), (uint32) user, USER_LOCK_SPACE);
}

static void
release_tag(LOCKTAG *tag, int release_id)
{
	SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, (uint32) release_id, 0, RELEASE_LOCK_SPACE);
}

/*
 * Lock for the (sub)transaction, not for the portal that runs: a cursor that is opened
 * before a savepoint and fails behind it would let its locks go with the
 * savepoint, though what it wrote before stays.
 */
static bool
lock(const LOCKTAG *tag, LOCKMODE mode, bool conditional)
{
	ResourceOwner	  owner = CurrentResourceOwner;
	LockAcquireResult result;

	CurrentResourceOwner = CurTransactionResourceOwner;
	result = LockAcquire(tag, mode, false, conditional);
	CurrentResourceOwner = owner;
	return result != LOCKACQUIRE_NOT_AVAIL;
}

static void
unlock(const LOCKTAG *tag, LOCKMODE mode)
{
	ResourceOwner owner = CurrentResourceOwner;

	CurrentResourceOwner = CurTransactionResourceOwner;
	(void) LockRelease(tag, mode, false);
	CurrentResourceOwner = owner;
}

/*
 * A writer looks for no deadlock here, and so is never the victim of one: every
 * cycle through this wait has a move in it, and that looks after 20 ms.
 */
void
user_lock_share(uint64_t user)
{
	LOCKTAG tag;
	int		deadlock_timeout_ms = DeadlockTimeout;

	user_tag(&tag, user);
	if (lock(&tag, ShareLock, true))
		return;
	DeadlockTimeout = INT_MAX / 2;
	PG_TRY();
	{
		(void) lock(&tag, ShareLock, false);
	}
	PG_FINALLY();
	{
		DeadlockTimeout = deadlock_timeout_ms;
	}
	PG_END_TRY();
}

void
user_lock_give(uint64_t user)
{
	LOCKTAG tag;

	user_tag(&tag, user);
	(void) lock(&tag, ExclusiveLock, false);
}

void
user_lock_all(int release_id)
{
	LOCKTAG tag;

	release_tag(&tag, release_id);
	(void) lock(&tag, ShareLock, false);
}

void
user_lock_move(int release_id, uint64_t user)
{
	LOCKTAG user_lock;
	LOCKTAG release_lock;
	int		level;

	user_tag(&user_lock, user);
	release_tag(&release_lock, release_id);
	if (lock(&user_lock, ExclusiveLock, true))
	{
		if (lock(&release_lock, RowExclusiveLock, true))
			return;
		unlock(&user_lock, ExclusiveLock);
	}
	level = NewGUCNestLevel();
	role_yield_in_deadlocks();
	while (lock(&user_lock, ExclusiveLock, false) && !lock(&release_lock, RowExclusiveLock, true))
	{
		/* Wait for the release with empty hands, then try again. */
		unlock(&user_lock, ExclusiveLock);
		(void) lock(&release_lock, RowExclusiveLock, false);
		unlock(&release_lock, RowExclusiveLock);
	}
	AtEOXact_GUC(false, level);
}

/*
 * BEFORE INSERT trigger of a state table: every move begins with an INSERT …
 * ON CONFLICT, and so takes the lock where the state row lives.
 */
Datum
user_lock_trigger(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	 descriptor;
	int			 release_id;
	Datum		 uid;
	bool		 is_null;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_BY_INSERT(trigger->tg_event) || trigger->tg_trigger->tgnargs != 1)
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
						errmsg("gray.lock_user() is the BEFORE INSERT trigger of a state table")));

	descriptor = RelationGetDescr(trigger->tg_relation);
	release_id = pg_strtoint32(trigger->tg_trigger->tgargs[0]);
	uid = heap_getattr(trigger->tg_trigtuple, 1, descriptor, &is_null);
	fence_memory_forget();
	if (!is_null)
		user_lock_move(release_id,
					   uid_hash(release_id, TupleDescAttr(descriptor, 0)->atttypid, uid));
	return PointerGetDatum(trigger->tg_trigtuple);
}
