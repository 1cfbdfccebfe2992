/*
 * disclosure.h: who is told what a failed move met
 *
 * An error of the database may have values of rows in it ("Failing row contains ..."), and what
 * functions of the application say.  Who may read gray.incidents is told all of it.  Anybody else is
 * told that there is an incident, and its number; the server's log has the rest.
 */
#ifndef PG_GRAY_MOVE_DISCLOSURE_H
#define PG_GRAY_MOVE_DISCLOSURE_H

#include <stdbool.h>
#include <stdint.h>

#include "release/side_state.h"

struct ErrorData;
struct Release;
struct Uid;

/* May both the caller of a function (a role's Oid) and the session's user be told all? */
extern bool disclosure_is_full(unsigned int caller);

/*
 * From here to disclosure_end, what functions of the application say without raising it (RAISE
 * NOTICE) is for the log, unless all may be told.  An error ends it too, with its (sub)transaction.
 */
extern int	disclosure_begin(bool full);
extern void disclosure_end(int level);

/* Warn that a user has become failed or stuck. */
extern void disclosure_warn(const struct Release *release, const struct Uid *uid, State state,
							int64_t incident, const struct ErrorData *error, bool full);

/*
 * Raise an error that left a move, with its SQLSTATE and without what is not to be told.  What
 * PostgreSQL says of itself when it cancels a statement is told.
 */
extern void disclosure_raise(const struct Release *release, const struct Uid *uid,
							 struct ErrorData *error) pg_attribute_noreturn();

#endif /* PG_GRAY_MOVE_DISCLOSURE_H */
