/*
 * fence_user.c: keeps a user's data on this side until the end of the transaction
 *
 * A transaction that writes rows of many users escalates: in place of one more lock on a user it
 * takes the lock of the release, and loads once the list of users who are in gray.  No move can
 * change that while the lock is held.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/snapmgr.h"

#include "fence/fence_user.h"
#include "release/release.h"
#include "user/locked_users.h"
#include "user/uid.h"
#include "user/user_lock.h"

FencedRelease
fence_user_release(const Release *release)
{
	return (FencedRelease){.id = release->id,
						   .name = release->name,
						   .uid_type = release->uid_type,
						   .states = state_table_of(release)};
}

/* The owner path of a row may lead over tables that the writer may not read. */
static bool
may_tell(const FencedRelease *release)
{
	return !OidIsValid(release->uid_table) ||
		   pg_class_aclcheck(release->uid_table, GetUserId(), ACL_SELECT) == ACLCHECK_OK ||
		   pg_attribute_aclcheck(release->uid_table, release->uid_attnum, GetUserId(),
								 ACL_SELECT) == ACLCHECK_OK;
}

/* Return `user "42"`, for messages. */
static char *
name_of(const FencedRelease *release, const Owner *user)
{
	if (!may_tell(release))
		return "a user";
	return psprintf("user \"%s\"", uid_from_value(user->uid_type, user->uid)->text);
}

/*
 * Stale statements
 */

/* True when the snapshot does not show the changes of another transaction, which has ended. */
static bool
is_unseen(TransactionId writer, Snapshot since)
{
	return TransactionIdIsValid(writer) && since != NULL &&
		   !TransactionIdIsCurrentTransactionId(writer) && XidInMVCCSnapshot(writer, since);
}

/*
 * The error is not GR001: the data is on this side, so the gateway would send the request here
 * again.
 */
static void
refuse_stale(const FencedRelease *release, const Owner *user)
{
	ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					errmsg("could not serialize access due to a move of %s of release \"%s\"",
						   name_of(release, user), release->name),
					errdetail("The user's data came to this side after the statement had begun."),
					errhint("Nothing was written. Try the transaction again.")));
}

/*
 * The steps
 */

bool
fence_user_find(const FencedRelease *release, const Owner *user, Side side, Snapshot since,
				Side *live)
{
	unsigned int changed_by;

	if (!locked_users_find(user, live, &changed_by))
		return false;
	if (*live == side && is_unseen(changed_by, since))
		refuse_stale(release, user);
	return true;
}

bool
fence_user_is_many(void)
{
	return locked_users_count() >= user_lock_max();
}

void
fence_user_lock(const FencedRelease *release, const Owner *user)
{
	if (fence_user_is_many())
		user_lock_all(release->id);
	else
		user_lock_share(user->hash);
}

typedef struct Loading
{
	const FencedRelease *release;
	Snapshot			 since;
	OwnerSet			*known;
} Loading;

/* Users who are not in the set are in production, and were there when the snapshot was taken. */
static void
load_user(void *arg, uintptr_t uid, State state, unsigned int written_by)
{
	Loading *loading = arg;
	Side	 live = state_side(state);
	bool	 unseen = is_unseen(written_by, loading->since);
	Owner	 user;

	if (live == SIDE_PRODUCTION && !unseen)
		return;
	user = owner_user(loading->release->id, loading->release->uid_type, uid);
	owner_set_add(loading->known, &user, live, unseen ? written_by : InvalidTransactionId);
}

static void
load_all(const FencedRelease *release, Snapshot since)
{
	Loading loading = {.release = release,
					   .since = since,
					   .known = locked_users_add_all(release->id)};

	state_table_each(release->states, SnapshotSelf, load_user, &loading);
}

static Side
read_all(const FencedRelease *release, const Owner *user, Side side, Snapshot since)
{
	Side live = SIDE_PRODUCTION;

	load_all(release, since);
	(void) fence_user_find(release, user, side, since, &live);
	return live;
}

bool
fence_user_any_in_gray(const FencedRelease *release)
{
	if (locked_users_all(release->id) == NULL)
	{
		user_lock_all(release->id);
		load_all(release, NULL);
	}
	return owner_set_has(locked_users_all(release->id), SIDE_GRAY);
}

/*
 * Nobody changes the state of a locked user.  So the state that is committed at this moment is the
 * current one, and no snapshot is needed.
 */
Side
fence_user_read(const FencedRelease *release, const Owner *user, Side side, Snapshot since)
{
	Side		 live = SIDE_PRODUCTION;
	unsigned int written_by = InvalidTransactionId;

	if (fence_user_is_many())
		return read_all(release, user, side, since);
	if (!owner_is_nobody(user))
		live = state_side(state_table_read_locked(release->states, user->uid, &written_by));
	if (live == side && is_unseen(written_by, since))
		refuse_stale(release, user);
	locked_users_add(user, live);
	return live;
}

void
fence_user_refuse(const FencedRelease *release, const Owner *user, Side side)
{
	const char *live = side_name(side == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY);

	ereport(ERROR,
			(errcode(ERRCODE_FENCE_WRONG_SIDE),
			 errmsg("the data of %s of release \"%s\" is on the %s side", name_of(release, user),
					release->name, live),
			 errhint("Nothing was written. Answer 421 Misdirected Request: the gateway sends it to the %s server.",
					 live)));
}
