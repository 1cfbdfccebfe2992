/*
 * sqlstate.h: tells which errors of a move go away by themselves, so that the move is tried again
 *
 * Pure code.  The list for users is in docs/concepts.md ("A move").
 */
#ifndef ROUTING_SQLSTATE_H
#define ROUTING_SQLSTATE_H

#include <stdbool.h>

/*
 * Does the error come from the moment, and not from the user's data, so that another try may
 * succeed?  The text ends with a zero byte.  A text that does not have the five characters of an
 * SQLSTATE is no such error.
 */
extern bool sqlstate_time_cures(const char *sqlstate);

/*
 * Was the statement cancelled?  This error is also one that time cures.  But if the statement was
 * cancelled because it used up its time, it would only do so again.
 */
extern bool sqlstate_is_cancelled(const char *sqlstate);

#endif /* ROUTING_SQLSTATE_H */
