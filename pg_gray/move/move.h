/*
 * move.h: moves one user, all or nothing
 */
#ifndef PG_GRAY_MOVE_MOVE_H
#define PG_GRAY_MOVE_MOVE_H

#include <stdbool.h>

#include "move/move_step.h"
#include "release/side_state.h"

struct Release;
struct Uid;

/*
 * Move a user in a subtransaction of the caller's transaction.  Nothing is done when the user's
 * state, or (only_if_due) the cohort, turns out to have changed once the user is locked.  Returns
 * the user's state after the call.
 *
 * A user without any row in production who was never moved is not migrated: nothing is done.
 * Users without whom this user can't come home are brought home along with it.
 *
 * An error of the data makes the user failed or stuck; the error is recorded, announced to the
 * gateways, and raised as a warning.  An error that time cures, and every error of a discard, is
 * raised, and nothing is changed.  Raises unless the transaction is READ COMMITTED and READ WRITE;
 * raises within another move.  Facts about rows that `caller` (Oid of the role) may not know are
 * neither raised nor warned of (disclosure.h).  Blocks until the user's writers in flight have
 * ended.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern State move_user(MoveKind kind, bool only_if_due, struct Release *release, struct Uid *uid,
					   unsigned int caller);

/*
 * False for a user without any row in production who was never moved; otherwise as
 * presence_has_rows.
 */
extern bool move_finds_user(const struct Release *release, const struct Uid *uid);

/* Called once, from _PG_init: defines pg_gray.yield_timeout. */
extern void move_init(void);

#endif /* PG_GRAY_MOVE_MOVE_H */
