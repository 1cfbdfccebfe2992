/*
 * sqlstate.h: errors of a move after which it is tried again
 *
 * Pure.  docs/concepts.md ("A move") tells users of the list.
 */
#ifndef ROUTING_SQLSTATE_H
#define ROUTING_SQLSTATE_H

#include <stdbool.h>

/*
 * Is the error one of the moment, and not of the user's data, so that trying again may do?  The
 * SQLSTATE has five letters and ends with a zero; another text is no such error.
 */
extern bool sqlstate_time_cures(const char *sqlstate);

/*
 * Was the statement cancelled?  Time cures that, too; but a statement that was cancelled since it
 * took its whole time would only take it again.
 */
extern bool sqlstate_is_cancelled(const char *sqlstate);

#endif /* ROUTING_SQLSTATE_H */
