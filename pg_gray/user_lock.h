/*
 * user_lock.h: the locks between writers and moves
 */
#ifndef USER_LOCK_H
#define USER_LOCK_H

#include <stdint.h>

/*
 * All locks are held until the end of the (sub)transaction.  A user is known
 * by its uid_hash, which the release takes part in.
 */

/* What a writer holds: blocks while the user is being moved. */
extern void user_lock_share(uint64_t user);

/*
 * What a writer holds who gives away a row that other rows lead to: blocks until
 * the user's other writers in flight have ended, and blocks those to come.
 */
extern void user_lock_give(uint64_t user);

/*
 * What a move holds: the user exclusively, and the release against
 * user_lock_all.  Blocks until the user's writers in flight have ended.
 */
extern void user_lock_move(int release_id, uint64_t user);

/* No user of the release is moved while this is held; blocks until running moves have ended. */
extern void user_lock_all(int release_id);

#endif /* USER_LOCK_H */
