/*
 * user_lock.h: the locks between writers and moves
 */
#ifndef PG_GRAY_USER_USER_LOCK_H
#define PG_GRAY_USER_USER_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/* The name of the trigger of a state table, by which a move takes its locks. */
#define USER_LOCK_TRIGGER "lock_user"

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
 * user_lock_all.  Blocks until the user's writers in flight have ended; raises
 * deadlock_detected, or lock_not_available instead of waiting when this
 * transaction has moved a user already.
 */
extern void user_lock_move(int release_id, uint64_t user);

/*
 * From now on, or no more, user_lock_move waits for a user also when this transaction has moved
 * another one of the release.  The caller sets a lock_timeout.
 */
extern void user_lock_wait_for_next(bool wait);

/* The state row of a user locked by user_lock_move is written: of many, the lock is let go of. */
extern void user_lock_settle(uint64_t user);

/* True when this transaction has moved a user, and it has not been rolled back. */
extern bool user_lock_has_moved(void);

/* No user of the release is moved while this is held; blocks until running moves have ended. */
extern void user_lock_all(int release_id);

/* How many users a transaction locks one by one. */
extern int user_lock_max(void);

/* Called once, from _PG_init: defines pg_gray.max_user_locks. */
extern void user_lock_init(void);

#endif /* PG_GRAY_USER_USER_LOCK_H */
