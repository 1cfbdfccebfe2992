/*
 * session_side.c: tells which side a session works for
 *
 * Version 2 has the gray schema in its search_path.  Where search_path does not tell (qualified
 * names, a function with a search_path of its own), the setting pg_gray.side does.
 *
 * The SQL function gray_enter is the fence for reads, and for statements that match no row.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"

#include "fence/fence_user.h"
#include "fence/session_side.h"
#include "release/release.h"
#include "user/call.h"
#include "user/uid.h"
#include "user/user_lock.h"

typedef enum SideSetting
{
	SIDE_AUTO,
	SIDE_IS_PRODUCTION,
	SIDE_IS_GRAY
} SideSetting;

static const struct config_enum_entry side_settings[] = {
	{"auto", SIDE_AUTO, false},
	{"production", SIDE_IS_PRODUCTION, false},
	{"gray", SIDE_IS_GRAY, false},
	{NULL, 0, false},
};

static int side_setting = SIDE_AUTO;

static bool
is_in_path(const char *schema_name)
{
	Oid	  schema = get_namespace_oid(schema_name, true);
	List *path = fetch_search_path(false);
	bool  found = OidIsValid(schema) && list_member_oid(path, schema);

	list_free(path);
	return found;
}

/* The setting counts for the session, but not for a move that the session has asked for. */
Side
session_side(const char *gray_schema)
{
	if (side_setting != SIDE_AUTO && !InSecurityRestrictedOperation())
		return side_setting == SIDE_IS_GRAY ? SIDE_GRAY : SIDE_PRODUCTION;
	return is_in_path(gray_schema) ? SIDE_GRAY : SIDE_PRODUCTION;
}

void
session_side_init(void)
{
	DefineCustomEnumVariable("pg_gray.side",
							 "The side that this session works for, where search_path does not tell.",
							 "auto: gray, if the gray schema is in search_path. It counts for gray_enter, and for what the deletion of a row outside the release may reach.",
							 &side_setting, SIDE_AUTO, side_settings, PGC_USERSET, 0, NULL, NULL,
							 NULL);
}

PG_FUNCTION_INFO_V1(gray_enter);

/*
 * gray_enter never takes the lock of all users: anybody could hold up all moves with it.  Only a
 * session that writes rows of many users gets this lock.
 */
static void
refuse_many(void)
{
	ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					errmsg("too many users are kept on a side in one transaction"),
					errdetail("The most is %d, as pg_gray.max_user_locks says.", user_lock_max()),
					errhint("Call gray_enter for other users in another transaction.")));
}

/*
 * Above READ COMMITTED, the transaction's snapshot must not be older than the user's last move.
 * In READ COMMITTED the later statements have snapshots of their own.
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
