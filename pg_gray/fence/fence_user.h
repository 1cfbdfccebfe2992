/*
 * fence_user.h: that a user's data is on this side, until the end of the transaction
 */
#ifndef PG_GRAY_FENCE_FENCE_USER_H
#define PG_GRAY_FENCE_FENCE_USER_H

#include "release/side_state.h"
#include "user/owner_set.h"
#include "user/user_state.h"

struct Release;
struct SnapshotData;

/* GR001; for ereport. */
#define ERRCODE_FENCE_WRONG_SIDE MAKE_SQLSTATE('G', 'R', '0', '0', '1')

/* What the fence needs of a release. */
typedef struct FencedRelease
{
	int			 id;
	char		*name;
	unsigned int uid_type;
	StateTable	 states;

	/* who may read this column may be told whose a row is; 0: it is no secret */
	unsigned int uid_table; /* Oid */
	int16_t		 uid_attnum;
} FencedRelease;

/* Borrows the name. */
extern FencedRelease fence_user_release(const struct Release *release);

/*
 * In this order, since what depends on the user's lock must be read under it:
 *
 *   find   where the data is, if this transaction keeps the user there already
 *   lock   else: keep the user there until the end of the (sub)transaction;
 *          blocks while the user, or (of many users) any user, is being moved
 *   read   where the data of a locked user is; remembered for find.  Nobody's
 *          is in production
 *   refuse raise GR001, since that is not the given side
 *
 * find and read raise serialization_failure when the data came to the given side later than the
 * snapshot `since` (or null): what was read under it is not what the user's data is now.
 */
extern bool fence_user_find(const FencedRelease *release, const Owner *user, Side side,
							struct SnapshotData *since, Side *live);
extern void fence_user_lock(const FencedRelease *release, const Owner *user);
extern Side fence_user_read(const FencedRelease *release, const Owner *user, Side side,
							struct SnapshotData *since);
extern void fence_user_refuse(const FencedRelease *release, const Owner *user, Side side);

/* Is the data of any user in gray?  Until the end of the (sub)transaction, nobody is moved. */
extern bool fence_user_any_in_gray(const FencedRelease *release);

/* True when this transaction has locked so many users that it locks them all. */
extern bool fence_user_is_many(void);

#endif /* PG_GRAY_FENCE_FENCE_USER_H */
