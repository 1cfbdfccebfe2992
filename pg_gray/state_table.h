/*
 * state_table.h: reading the states of a release's users, whatever the snapshot
 */
#ifndef STATE_TABLE_H
#define STATE_TABLE_H

#include <stdint.h>

#include "words.h"

struct Release;

/* A release's state table and its primary key. */
typedef struct StateTable
{
	unsigned int table; /* Oid */
	unsigned int index; /* Oid */
} StateTable;

extern StateTable state_table_of(const struct Release *release);

/*
 * Both read under the latest snapshot, without SPI and without privileges.
 */

/* The state of one user; no row means off. */
extern State state_table_read(StateTable states, uintptr_t uid);

/* Call the function for the uid of each user whose data is in gray. */
extern void state_table_each_in_gray(StateTable states, void (*visit)(void *arg, uintptr_t uid),
									 void	   *arg);

#endif /* STATE_TABLE_H */
