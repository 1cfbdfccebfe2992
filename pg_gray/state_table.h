/*
 * state_table.h: reading the states of a release's users
 */
#ifndef STATE_TABLE_H
#define STATE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "words.h"

struct Release;
struct SnapshotData;

/* A release's state table and its primary key. */
typedef struct StateTable
{
	unsigned int table; /* Oid */
	unsigned int index; /* Oid */
} StateTable;

extern StateTable state_table_of(const struct Release *release);

/*
 * These read under the given snapshot, without SPI and without privileges; the table stays locked
 * ACCESS SHARE.  Uids are of the family of the release's type (uid.h).
 */

/* The state of one user; no row means off. */
extern State state_table_read(StateTable states, struct SnapshotData *snapshot, uintptr_t uid);

/* Has the user a row, in whatever state? */
extern bool state_table_has(StateTable states, struct SnapshotData *snapshot, uintptr_t uid);

/*
 * The state of a user whose lock the caller holds, and the TransactionId that wrote it, or 0: what is
 * committed at this moment, or this transaction's own.  Blocks until a transaction that has
 * written it and let go of the user's lock (user_lock.h) has ended.
 */
extern State state_table_read_locked(StateTable states, uintptr_t uid, unsigned int *written_by);

/* Call the function for each row, with the uid in the release's own type. */
typedef void (*StateVisit)(void *arg, uintptr_t uid, State state, unsigned int written_by);
extern void state_table_each(StateTable states, struct SnapshotData *snapshot, StateVisit visit,
							 void *arg);

#endif /* STATE_TABLE_H */
