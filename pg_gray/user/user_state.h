/*
 * user_state.h: reads and writes the state row of a user
 */
#ifndef PG_GRAY_USER_USER_STATE_H
#define PG_GRAY_USER_USER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "release/side_state.h"

struct Release;
struct SnapshotData;
struct Uid;

/*
 * Return the user's present state, whatever the transaction's snapshot.  A user without a row is
 * off.
 */
extern State user_state_get(const struct Release *release, const struct Uid *uid);

/* True when the user has been moved, or a move was tried. */
extern bool user_state_is_recorded(const struct Release *release, const struct Uid *uid);

/*
 * Begin a move: lock the user exclusively (see user_lock.h) until the end of the (sub)transaction,
 * make sure that there is a state row, and return its state.  The caller of this and the functions
 * below has called SPI_connect and acts as the catalog owner.
 */
extern State user_state_lock(const struct Release *release, const struct Uid *uid);

/*
 * Begin a move in the same way, and change the state from one of `from` (an SQL array:
 * "{on,stuck}") to `to`. Return false when the state is none of these: then the caller rolls back,
 * also the lock.  Sends no notification.
 */
extern bool user_state_claim(const struct Release *release, const struct Uid *uid, const char *from,
							 State to);

/* Change the state of a locked user, and tell the gateways at commit. */
extern void user_state_set(const struct Release *release, const struct Uid *uid, State state);

/* A release's state table and its primary key. */
typedef struct StateTable
{
	unsigned int table; /* Oid */
	unsigned int index; /* Oid */
} StateTable;

extern StateTable state_table_of(const struct Release *release);

/*
 * The functions below read under the given snapshot, without SPI and without privilege checks; the
 * table stays locked ACCESS SHARE.  Uids are of the family of the release's type (uid.h).
 */

/* Return the state of one user; a user without a row is off. */
extern State state_table_read(StateTable states, struct SnapshotData *snapshot, uintptr_t uid);

/* True when the user has a row, in whatever state. */
extern bool state_table_has(StateTable states, struct SnapshotData *snapshot, uintptr_t uid);

/*
 * Return the state of a user whose lock the caller holds, and in *written_by the TransactionId
 * that wrote the state, or 0.  The state is the one committed at this moment, or this
 * transaction's own.  Blocks until a transaction that has written the state and released the
 * user's lock (user_lock.h) has ended.
 */
extern State state_table_read_locked(StateTable states, uintptr_t uid, unsigned int *written_by);

/* Call the function for each row, with the uid in the release's own type. */
typedef void (*StateVisit)(void *arg, uintptr_t uid, State state, unsigned int written_by);
extern void state_table_each(StateTable states, struct SnapshotData *snapshot, StateVisit visit,
							 void *arg);

#endif /* PG_GRAY_USER_USER_STATE_H */
