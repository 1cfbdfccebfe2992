/*
 * moved.h: the moves of our own that no look has shown yet
 *
 * The functions are pure. The answer of gray_route, and the rows of a look that was under way
 * meanwhile, come in any order. The look's snapshot tells which is newer: it shows the
 * transaction of the answer, or does not.
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
 * Does a snapshot, as the text of a pg_snapshot, show a transaction that has committed? A text
 * that is no pg_snapshot shows none.
 */
extern bool moved_shown(const char *snapshot, uint64_t transaction);

/* Note a user's last move. */
extern void moved_note(Moved *moved, Span uid, uint64_t transaction, State state);

/* Is a look's state of the user older than a move of our own? */
extern bool moved_since(const Moved *moved, Span uid, const char *snapshot);

/* Forget the moves that the snapshot shows. */
extern void moved_settle(Moved *moved, const char *snapshot);

/* Set the states of the users whose moves are not forgotten. */
extern void moved_apply(const Moved *moved, Roster *roster);

extern void moved_free(Moved *moved);

#endif /* GATEWAY_ROSTER_MOVED_H */
