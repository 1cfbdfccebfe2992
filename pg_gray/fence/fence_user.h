/*
 * fence_user.h: keeps a user's data on this side until the end of the transaction
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

/* The facts about a release that the fence needs. */
typedef struct FencedRelease
{
	int			 id;
	char		*name;
	unsigned int uid_type;
	StateTable	 states;

	/* a role that may read this column may be told whose a row is; 0: the owner is no secret */
	unsigned int uid_table; /* Oid */
	int16_t		 uid_attnum;
} FencedRelease;

/* Borrows the name. */
extern FencedRelease fence_user_release(const struct Release *release);

/*
 * To be called in this order, since facts that depend on the user's lock must be read under it:
 *
 *   find   return where the data is, if this transaction keeps the user there already
 *   lock   otherwise: keep the user there until the end of the (sub)transaction.
 *          Blocks while this user is being moved, or, when the transaction has
 *          locked many users, while any user is being moved
 *   read   return where the data of a locked user is, and remember it for find.
 *          The data of "nobody" is in production
 *   refuse raise GR001, since the data is not on the given side
 *
 * find and read raise serialization_failure when the data came to the given side later than the
 * snapshot `since` was taken (null: no check).  The rows that were read under this snapshot are
 * not the user's data of now.
 */
extern bool fence_user_find(const FencedRelease *release, const Owner *user, Side side,
							struct SnapshotData *since, Side *live);
extern void fence_user_lock(const FencedRelease *release, const Owner *user);
extern Side fence_user_read(const FencedRelease *release, const Owner *user, Side side,
							struct SnapshotData *since);
extern void fence_user_refuse(const FencedRelease *release, const Owner *user, Side side);

/*
 * True when the data of any user is in gray.  Until the end of the (sub)transaction, nobody is
 * moved.
 */
extern bool fence_user_any_in_gray(const FencedRelease *release);

/* True when this transaction has locked so many users that it locks the whole release instead. */
extern bool fence_user_is_many(void);

#endif /* PG_GRAY_FENCE_FENCE_USER_H */
