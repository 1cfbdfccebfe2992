/*
 * locked_users.h: what this transaction's fence knows already
 */
#ifndef PG_GRAY_USER_LOCKED_USERS_H
#define PG_GRAY_USER_LOCKED_USERS_H

#include <stdbool.h>

#include "user/owner_set.h"

/*
 * All of it is forgotten at the end of the transaction, and with the
 * subtransaction in which it was learnt, if that is rolled back.
 */

/*
 * Where the data of a user is, if this transaction keeps it there, and since which
 * transaction's commit, if that is of interest; else false.
 */
extern bool locked_users_find(const Owner *owner, Side *live, unsigned int *changed_by);

/* The user is locked by this (sub)transaction, and not in the memory. */
extern void locked_users_add(const Owner *owner, Side live);

/* How many users this transaction has locked, of all releases. */
extern int locked_users_count(void);

/* What locked_users_add_all has returned in this transaction, or null. */
extern const OwnerSet *locked_users_all(int release_id);

/*
 * All users of the release are locked by this (sub)transaction; those not in
 * the set are in production.  The set, which may be empty, is filled by the caller; it
 * lives until the end of the transaction at most.
 */
extern OwnerSet *locked_users_add_all(int release_id);

/*
 * Forget everything: this transaction is about to change where a user's data is.
 * Called by every move, from the trigger by which it locks the user.
 */
extern void locked_users_forget(void);

/* Called once, from _PG_init. */
extern void locked_users_init(void);

#endif /* PG_GRAY_USER_LOCKED_USERS_H */
