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

PG_FUNCTION_INFO_V1(gray_enter);

/* Above READ COMMITTED, what this transaction reads may be older than the last move. */
static void
refuse_stale_snapshot(const FencedRelease *release, const Uid *uid)
{
	if (!IsolationUsesXactSnapshot() ||
		!state_table_changed(release->states, GetTransactionSnapshot(), SnapshotSelf, uid->value))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("user \"%s\" of release \"%s\" was moved since this transaction took its snapshot",
					uid->text, release->name),
			 errhint("Try the transaction again.")));
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
	fence_user_keep(&release, &user, session_side(call.release->gray_schema));
	refuse_stale_snapshot(&release, call.uid);
	SPI_finish();
	PG_RETURN_VOID();
}
