/*
 * user_state.h: the state row of a user
 */
#ifndef USER_STATE_H
#define USER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "words.h"

struct Release;
struct Uid;

/* The state now, whatever the transaction's snapshot.  No row means off. */
extern State user_state_get(const struct Release *release, const struct Uid *uid);

/* True when the user has been moved once, or tried. */
extern bool user_state_is_recorded(const struct Release *release, const struct Uid *uid);

/*
 * Begin a move: lock the user exclusively (see user_lock.h) until the end of
 * the (sub)transaction, make sure that there is a row, and return its state.
 * The caller has called SPI_connect and acts as the catalog owner, as below.
 */
extern State user_state_lock(const struct Release *release, const struct Uid *uid);

/*
 * Begin a move in the same way, and change the state from one of a few (as an SQL
 * array: "{on,stuck}") to another.  False when it is none of these: then the
 * caller rolls back, also the lock.  Nobody is told.
 */
extern bool user_state_claim(const struct Release *release, const struct Uid *uid, const char *from,
							 State to);

/* Change the state of a locked user, and tell the gateways at commit. */
extern void user_state_set(const struct Release *release, const struct Uid *uid, State state);

#endif /* USER_STATE_H */
