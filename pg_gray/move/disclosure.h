/*
 * disclosure.h: decides who is told the details of a failed move
 *
 * An error of the database may contain values of rows ("Failing row contains ..."), and messages
 * of the application's functions.  A role that may read gray.incidents is told everything.
 * Anybody else is told that there is an incident, and its number; the server's log has the rest.
 */
#ifndef PG_GRAY_MOVE_DISCLOSURE_H
#define PG_GRAY_MOVE_DISCLOSURE_H

#include <stdbool.h>
#include <stdint.h>

#include "release/side_state.h"

struct ErrorData;
struct Release;
struct Uid;

/*
 * True when both the caller of a function (a role's Oid) and the session's user may be told
 * everything.
 */
extern bool disclosure_is_full(unsigned int caller);

/*
 * From here to disclosure_end, messages that functions of the application send without raising
 * them (RAISE NOTICE) go to the log only, unless everything may be told.  An error ends that too,
 * with its (sub)transaction.
 */
extern int	disclosure_begin(bool full);
extern void disclosure_end(int level);

/* Warn that a user has become failed or stuck. */
extern void disclosure_warn(const struct Release *release, const struct Uid *uid, State state,
							int64_t incident, const struct ErrorData *error, bool full);

/*
 * Raise an error that left a move, with its SQLSTATE but without the details that must not be
 * told.  PostgreSQL's own message when it cancels a statement is told.
 */
extern void disclosure_raise(const struct Release *release, const struct Uid *uid,
							 struct ErrorData *error) pg_attribute_noreturn();

#endif /* PG_GRAY_MOVE_DISCLOSURE_H */
