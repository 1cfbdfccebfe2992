/*
 * move.h: moving one user, all or nothing
 */
#ifndef PG_GRAY_MOVE_MOVE_H
#define PG_GRAY_MOVE_MOVE_H

#include <stdbool.h>

#include "move/move_step.h"
#include "release/side_state.h"

struct Release;
struct Uid;

/*
 * Move a user in a subtransaction of the caller's transaction.  When the
 * state or (only_if_due) the cohort turns out to be another once the user is
 * locked, nothing is done.  Returns the state that it came to.
 *
 * A user without any row in production, who was never moved, is not migrated: nothing is done.
 * Users without whom the user can't come home are brought home along with it.
 *
 * Errors of the data make the user failed or stuck; that is recorded, told,
 * and warned of.  Errors that time cures, and every error of a discard, are
 * raised, and nothing is changed.  Raises unless the transaction is READ
 * COMMITTED and READ WRITE, and within another move.  What `caller` (the role's Oid) may not know
 * of rows is neither raised nor warned of (disclosure.h).  Blocks until the user's writers in flight
 * have ended.
 * The caller has called SPI_connect and acts as the catalog owner.
 */
extern State move_user(MoveKind kind, bool only_if_due, struct Release *release, struct Uid *uid,
					   unsigned int caller);

/* False for a user without any row in production, who was never moved; as presence_has_rows. */
extern bool move_finds_user(const struct Release *release, const struct Uid *uid);

/* Called once, from _PG_init: defines pg_gray.yield_timeout. */
extern void move_init(void);

#endif /* PG_GRAY_MOVE_MOVE_H */
