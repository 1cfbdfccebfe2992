/*
 * user_lock.c: takes the locks between writers and moves
 *
 * There are two kinds of lock, in a space of their own: advisory lock tags with a last field that
 * pg_advisory_lock does not use, so that they can't collide with an application's locks.  They
 * show in pg_locks as advisory locks with that objsubid.
 *
 *              user             release
 *   writer     Share            -
 *   giver      Exclusive        -              (gives away a row on an owner path)
 *   move       Exclusive        RowExclusive
 *   all users  -                Share          (many users, TRUNCATE, switch)
 *
 * Who waits, and who is the victim of a deadlock:
 *
 *   - Writers and givers wait as for any row, and look for a deadlock when
 *     deadlock_timeout is over: the last to join a cycle is the only one who can find it.
 *   - A move waits in the queue for its user with empty hands: it holds nothing that a
 *     writer could be waiting for.  It looks for a deadlock every pg_gray.yield_after, and
 *     keeps its place in the queue.  So a cycle through this wait ends soon, without harm to
 *     the application: PostgreSQL turns the queue round, or the move is the victim and
 *     tries again (move.c).
 *   - While it holds the user, a move waits for nothing.  It takes the release
 *     conditionally, and starts over with empty hands when that fails.
 *   - Of users who come home together, the move waits for the further ones as for rows: a moment,
 *     and not when the holder of the lock is waiting for the move.  Without that moment, many who
 *     are being written now and then would never be free all at once.
 *   - A transaction that has moved a user already can't release that user's lock.  It
 *     takes another user conditionally, and raises lock_not_available at once.
 *
 * A transaction that moves many users releases each user's lock as soon as the state row is
 * written: from then on writers wait for the transaction that wrote the row (user_state.h).  So
 * such a transaction never fills the lock table.
 */
#include "postgres.h"

#include <limits.h>

#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "storage/lock.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"

#include "postgres/catalog.h"
#include "postgres/role.h"
#include "user/locked_users.h"
#include "user/uid.h"
#include "user/user_lock.h"

/* pg_advisory_lock(bigint) uses 1, pg_advisory_lock(int, int) uses 2. */
#define USER_LOCK_SPACE 7001
#define RELEASE_LOCK_SPACE 7002

PG_FUNCTION_INFO_V1(user_lock_trigger);

static int max_user_locks = 64;

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
 * Take the lock for the (sub)transaction, not for the running portal.  A cursor that is opened
 * before a savepoint and fails behind it would otherwise lose its locks with the savepoint,
 * although the rows that it wrote before stay.
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

void
user_lock_share(uint64_t user)
{
	LOCKTAG tag;

	user_tag(&tag, user);
	(void) lock(&tag, ShareLock, false);
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

/*
 * Moves
 */

/* Releases (integer) of which this session has moved users, in TopMemoryContext. */
static List *moved_releases;

/*
 * Number of users that this transaction has locked for moves; some locks may have been released
 * since.
 */
static int moved_count;

bool
user_lock_has_moved(void)
{
	ListCell *cell;

	foreach(cell, moved_releases)
	{
		LOCKTAG tag;

		release_tag(&tag, lfirst_int(cell));
		if (LockHeldByMe(&tag, RowExclusiveLock))
			return true;
	}
	moved_count = 0;
	return false;
}

static void
note_moved(int release_id)
{
	MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);

	moved_releases = list_append_unique_int(moved_releases, release_id);
	moved_count++;
	MemoryContextSwitchTo(before);
}

/* Wait in the queue, and look for a deadlock again and again: see the head of this file. */
static void
queue(const LOCKTAG *tag, LOCKMODE mode)
{
	static TimeoutId look = MAX_TIMEOUTS;
	int				 every_ms = role_yield_after_ms();
	int				 level = NewGUCNestLevel();

	if (look == MAX_TIMEOUTS)
		look = RegisterTimeout(USER_TIMEOUT, CheckDeadLockAlert);
	/* Each look for a deadlock would otherwise write a line to the log. */
	role_pin_setting("log_lock_waits", "off");
	PG_TRY();
	{
		enable_timeout_every(look, TimestampTzPlusMilliseconds(GetCurrentTimestamp(), every_ms),
							 every_ms);
		(void) lock(tag, mode, false);
	}
	PG_FINALLY();
	{
		disable_timeout(look, false);
	}
	PG_END_TRY();
	AtEOXact_GUC(false, level);
}

/* Both locks or none, without waiting. */
static bool
lock_both(const LOCKTAG *user, const LOCKTAG *release)
{
	if (!lock(user, ExclusiveLock, true))
		return false;
	if (lock(release, RowExclusiveLock, true))
		return true;
	unlock(user, ExclusiveLock);
	return false;
}

/* Wait for both locks, holding neither. */
static void
queue_for_both(const LOCKTAG *user, const LOCKTAG *release)
{
	for (;;)
	{
		queue(user, ExclusiveLock);
		if (lock(release, RowExclusiveLock, true))
			break;
		unlock(user, ExclusiveLock);
		queue(release, RowExclusiveLock);
		unlock(release, RowExclusiveLock);
	}
}

static void
raise_busy(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("a second user can't be waited for in one transaction"),
			 errdetail(
				 "The transaction has moved another user, whose writers may be waiting for it."),
			 errhint("Move each user in a transaction of its own.")));
}

/* True: a further user is waited for, under the caller's lock_timeout. */
static bool is_waited_for;

void
user_lock_wait_for_next(bool wait)
{
	is_waited_for = wait;
}

void
user_lock_move(int release_id, uint64_t user)
{
	LOCKTAG user_lock;
	LOCKTAG release_lock;
	bool	has_moved = user_lock_has_moved();

	user_tag(&user_lock, user);
	release_tag(&release_lock, release_id);
	if (!lock_both(&user_lock, &release_lock))
	{
		if (!has_moved)
			queue_for_both(&user_lock, &release_lock);
		else if (is_waited_for && LockHeldByMe(&release_lock, RowExclusiveLock))
			(void) lock(&user_lock, ExclusiveLock, false);
		else
			raise_busy();
	}
	note_moved(release_id);
}

void
user_lock_settle(uint64_t user)
{
	LOCKTAG tag;

	user_tag(&tag, user);
	if (moved_count > max_user_locks)
		unlock(&tag, ExclusiveLock);
}

int
user_lock_max(void)
{
	return max_user_locks;
}

/*
 * BEFORE INSERT trigger of a state table.  Every move begins with an INSERT … ON CONFLICT, and so
 * the trigger takes the lock where the state row is.
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
	own_trigger_require_catalog(trigger->tg_relation, trigger->tg_trigger, USER_LOCK_TRIGGER,
								psprintf("state_%d", release_id));
	uid = heap_getattr(trigger->tg_trigtuple, 1, descriptor, &is_null);
	locked_users_forget();
	if (!is_null)
		user_lock_move(release_id,
					   uid_hash(release_id, TupleDescAttr(descriptor, 0)->atttypid, uid));
	return PointerGetDatum(trigger->tg_trigtuple);
}

void
user_lock_init(void)
{
	DefineCustomIntVariable("pg_gray.max_user_locks",
							"So many users a transaction locks one by one.",
							"One that writes rows of more users locks all users of the release at once: no user is moved until it ends.",
							&max_user_locks, 64, 0, INT_MAX, PGC_SUSET, 0, NULL, NULL, NULL);
}
