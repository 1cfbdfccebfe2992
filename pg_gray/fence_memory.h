/*
 * fence_memory.h: what this transaction's fence knows already
 */
#ifndef FENCE_MEMORY_H
#define FENCE_MEMORY_H

#include <stdbool.h>

#include "owner_set.h"

/*
 * All of it is forgotten at the end of the transaction, and with the
 * subtransaction in which it was learnt, if that is rolled back.
 */

/*
 * Where the data of a user is, if this transaction keeps it there, and since which
 * transaction's commit, if that is of interest; else false.
 */
extern bool fence_memory_find(const Owner *owner, Side *live, unsigned int *changed_by);

/* The user is locked by this (sub)transaction, and not in the memory. */
extern void fence_memory_add(const Owner *owner, Side live);

/* How many users this transaction has locked, of all releases. */
extern int fence_memory_count(void);

/* What fence_memory_add_all has returned in this transaction, or null. */
extern const OwnerSet *fence_memory_all(int release_id);

/*
 * All users of the release are locked by this (sub)transaction; those not in
 * the set are in production.  The set, which may be empty, is filled by the caller; it
 * lives until the end of the transaction at most.
 */
extern OwnerSet *fence_memory_add_all(int release_id);

/*
 * Forget everything: this transaction is about to change where a user's data is.
 * Called by every move, from the trigger by which it locks the user.
 */
extern void fence_memory_forget(void);

/* Called once, from _PG_init. */
extern void fence_memory_init(void);

#endif /* FENCE_MEMORY_H */
