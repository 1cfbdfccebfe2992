/*
 * enter.c: gray_enter, the fence for reads and for statements that match no row
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/snapmgr.h"

#include "call.h"
#include "fence_user.h"
#include "release.h"
#include "session_side.h"
#include "uid.h"
#include "user_lock.h"

PG_FUNCTION_INFO_V1(gray_enter);

/* The lock of all users is for those who write the rows of many: anybody would hold up moves by it. */
static void
refuse_many(void)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("too many users are kept on a side in one transaction"),
					errdetail("The most is %d, as pg_gray.max_user_locks says.", user_lock_max()),
					errhint("Call gray_enter for other users in another transaction.")));
}

/*
 * Above READ COMMITTED, what this transaction reads must not be older than the last move.  In
 * READ COMMITTED the statements to come have snapshots of their own.
 */
static void
keep_user(const FencedRelease *release, const Owner *user, Side side)
{
	Snapshot since = IsolationUsesXactSnapshot() ? GetTransactionSnapshot() : NULL;
	Side	 live;

	if (!fence_user_find(release, user, side, since, &live))
	{
		if (fence_user_is_many())
			refuse_many();
		fence_user_lock(release, user);
		live = fence_user_read(release, user, side, since);
	}
	if (live != side)
		fence_user_refuse(release, user, side);
}

Datum
gray_enter(PG_FUNCTION_ARGS)
{
	UserCall	  call;
	FencedRelease release;
	Owner		  user;

	if (RecoveryInProgress())
		ereport(ERROR, (errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
						errmsg("a user can't be kept on a side by a standby"),
						errdetail("Moves run on the primary, and don't see the locks of a standby."),
						errhint("Call gray_enter on the primary.")));
	call_begin_user(&call, fcinfo);
	release = fence_user_release(call.release);
	user = owner_user(release.id, release.uid_type, call.uid->value);
	role_return(&call.before);
	keep_user(&release, &user, session_side(call.release->gray_schema));
	SPI_finish();
	PG_RETURN_VOID();
}
