/*
 * user_lock.h: takes the locks between writers and moves
 */
#ifndef PG_GRAY_USER_USER_LOCK_H
#define PG_GRAY_USER_USER_LOCK_H

#include <stdbool.h>
#include <stdint.h>

/* The name of the trigger on a state table by which a move takes its locks. */
#define USER_LOCK_TRIGGER "lock_user"

/*
 * All locks are held until the end of the (sub)transaction.  A user is identified by the uid_hash,
 * which depends on the release, too.
 */

/* Take a writer's lock on a user: blocks while the user is being moved. */
extern void user_lock_share(uint64_t user);

/*
 * Take the lock of a writer who gives away a row to which other rows' owner paths lead: blocks
 * until the user's other writers in flight have ended, and blocks later writers.
 */
extern void user_lock_give(uint64_t user);

/*
 * Take a move's locks: the user exclusively, and the release against user_lock_all.  Blocks until
 * the user's writers in flight have ended.  Raises deadlock_detected; raises lock_not_available
 * instead of waiting when this transaction has moved a user already.
 */
extern void user_lock_move(int release_id, uint64_t user);

/*
 * Switch on or off: user_lock_move waits for a user also when this transaction has moved another
 * user of the release.  The caller sets a lock_timeout.
 */
extern void user_lock_wait_for_next(bool wait);

/*
 * To be called when the state row of a user locked by user_lock_move is written: in a transaction
 * that moves many users, the user's lock is released.
 */
extern void user_lock_settle(uint64_t user);

/* True when this transaction has moved a user, and that move has not been rolled back. */
extern bool user_lock_has_moved(void);

/*
 * Lock all users of the release: no user is moved while this lock is held.  Blocks until running
 * moves have ended.
 */
extern void user_lock_all(int release_id);

/* Return the number of users that a transaction locks one by one. */
extern int user_lock_max(void);

/* Called once, from _PG_init: defines pg_gray.max_user_locks. */
extern void user_lock_init(void);

#endif /* PG_GRAY_USER_USER_LOCK_H */
