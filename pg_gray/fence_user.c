/*
 * fence_user.c: that a user's data is on this side, until the end of the transaction
 *
 * A transaction that touches many users escalates: instead of one more lock of a
 * user it takes the one lock of the release, and loads once which users are in
 * gray.  No move can change that while the lock is held.
 */
#include "postgres.h"

#include <limits.h>

#include "utils/guc.h"
#include "utils/snapmgr.h"

#include "fence_memory.h"
#include "fence_user.h"
#include "release.h"
#include "uid.h"
#include "user_lock.h"

static int max_user_locks = 64;

FencedRelease
fence_user_release(const Release *release)
{
	return (FencedRelease){.id = release->id,
						   .name = release->name,
						   .uid_type = release->uid_type,
						   .states = state_table_of(release)};
}

bool
fence_user_find(const Owner *user, Side *live)
{
	return fence_memory_find(user, live);
}

typedef struct Loading
{
	const FencedRelease *release;
	OwnerSet			*in_gray;
} Loading;

static void
add_in_gray(void *arg, uintptr_t uid)
{
	Loading *loading = arg;
	Owner	 user = owner_user(loading->release->id, loading->release->uid_type, uid);

	owner_set_add(loading->in_gray, &user, SIDE_GRAY);
}

bool
fence_user_is_many(void)
{
	return fence_memory_count() >= max_user_locks;
}

void
fence_user_lock(const FencedRelease *release, const Owner *user)
{
	if (fence_user_is_many())
		user_lock_all(release->id);
	else
		user_lock_share(user->hash);
}

/*
 * Nobody changes the state of a locked user: so what is committed at this moment is
 * the whole truth, and no snapshot is needed.
 */
Side
fence_user_read(const FencedRelease *release, const Owner *user)
{
	Side live = SIDE_PRODUCTION;

	if (fence_user_is_many())
	{
		Loading loading = {.release = release, .in_gray = fence_memory_add_all(release->id)};

		state_table_each_in_gray(release->states, SnapshotSelf, add_in_gray, &loading);
		(void) fence_memory_find(user, &live);
		return live;
	}
	if (!owner_is_nobody(user))
		live = state_side(state_table_read(release->states, SnapshotSelf, user->uid));
	fence_memory_add(user, live);
	return live;
}

void
fence_user_refuse(const FencedRelease *release, const Owner *user, Side side)
{
	const char *live = side_name(side == SIDE_GRAY ? SIDE_PRODUCTION : SIDE_GRAY);

	ereport(ERROR,
			(errcode(ERRCODE_FENCE_WRONG_SIDE),
			 errmsg("the data of user \"%s\" of release \"%s\" is on the %s side",
					uid_from_value(user->uid_type, user->uid)->text, release->name, live),
			 errhint("Nothing was written. Answer 421 Misdirected Request: the gateway sends it to the %s server.",
					 live)));
}

void
fence_user_keep(const FencedRelease *release, const Owner *user, Side side)
{
	Side live;

	if (!fence_user_find(user, &live))
	{
		fence_user_lock(release, user);
		live = fence_user_read(release, user);
	}
	if (live != side)
		fence_user_refuse(release, user, side);
}

void
fence_user_init(void)
{
	DefineCustomIntVariable("pg_gray.max_user_locks",
							"So many users a transaction locks one by one.",
							"One that writes rows of more users locks all users of the release at once: no user is moved until it ends.",
							&max_user_locks, 64, 0, INT_MAX, PGC_USERSET, 0, NULL, NULL, NULL);
}
