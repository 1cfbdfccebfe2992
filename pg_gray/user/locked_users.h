/*
 * locked_users.h: remembers, for the transaction, which users the fence has locked
 */
#ifndef PG_GRAY_USER_LOCKED_USERS_H
#define PG_GRAY_USER_LOCKED_USERS_H

#include <stdbool.h>

#include "user/owner_set.h"

/*
 * The memory is forgotten at the end of the transaction.  When a subtransaction is rolled back,
 * the knowledge that it gained is forgotten with it.
 */

/*
 * Return the side of a user's data in *live, if this transaction keeps the data there, and in
 * *changed_by the transaction that brought the data there, if the fence needs it; otherwise return
 * false.
 */
extern bool locked_users_find(const Owner *owner, Side *live, unsigned int *changed_by);

/* Remember a user whom this (sub)transaction has locked, and who is not in the memory yet. */
extern void locked_users_add(const Owner *owner, Side live);

/* Return the number of users that this transaction has locked, of all releases. */
extern int locked_users_count(void);

/* Return the set that locked_users_add_all has returned in this transaction, or null. */
extern const OwnerSet *locked_users_all(int release_id);

/*
 * Remember that this (sub)transaction has locked all users of the release; users not in the
 * returned set are in production.  The caller fills the set, which is empty at first; it lives
 * until the end of the transaction at most.
 */
extern OwnerSet *locked_users_add_all(int release_id);

/*
 * Forget everything: this transaction is about to move a user.  Called by every move, from the
 * trigger by which the move locks the user.
 */
extern void locked_users_forget(void);

/* Called once, from _PG_init. */
extern void locked_users_init(void);

#endif /* PG_GRAY_USER_LOCKED_USERS_H */
