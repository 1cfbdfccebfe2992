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
 * These read under the given snapshot, without SPI and without privileges; the table stays locked ACCESS SHARE.
 */

/* The state of one user; no row means off. */
extern State state_table_read(StateTable states, struct SnapshotData *snapshot, uintptr_t uid);

/* True when the state of a user was written between two snapshots. */
extern bool state_table_changed(StateTable states, struct SnapshotData *since,
								struct SnapshotData *now, uintptr_t uid);

/* Call the function for the uid of each user whose data is in gray. */
extern void state_table_each_in_gray(StateTable states, struct SnapshotData		   *snapshot,
									 void (*visit)(void *arg, uintptr_t uid), void *arg);

#endif /* STATE_TABLE_H */
