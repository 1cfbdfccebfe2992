/*
 * moved.h: moves of our own that no look has shown yet
 *
 * Pure.  The answer of gray_route, and the rows of a look that was under way meanwhile, come in
 * any order.  Which is newer tells the look's snapshot: whether it shows the transaction that
 * the answer is of.
 */
#ifndef GATEWAY_ROSTER_MOVED_H
#define GATEWAY_ROSTER_MOVED_H

#include <stdint.h>

#include "roster/roster.h"

typedef struct Move
{
	uint64_t transaction;
	State	 state;
	uint8_t	 uid_length;
	char	 uid[UID_MAX_BYTES];
} Move;

/* All zero at first. */
typedef struct Moved
{
	Move  *moves; /* owned */
	size_t count;
	size_t size;
} Moved;

/*
 * Does a snapshot, as the text of pg_snapshot, show a transaction that has committed?  Not if it
 * is no such text.
 */
extern bool moved_shown(const char *snapshot, uint64_t transaction);

/* Notes a user's last move. */
extern void moved_note(Moved *moved, Span uid, uint64_t transaction, State state);

/* Is what a look gives of the user older than a move of our own? */
extern bool moved_since(const Moved *moved, Span uid, const char *snapshot);

/* Forgets the moves that the snapshot shows. */
extern void moved_settle(Moved *moved, const char *snapshot);

/* Sets the states of the others. */
extern void moved_apply(const Moved *moved, Roster *roster);

extern void moved_free(Moved *moved);

#endif /* GATEWAY_ROSTER_MOVED_H */
