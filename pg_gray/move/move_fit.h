/*
 * move_fit.h: decides whether a move may be made in this transaction, and now
 */
#ifndef PG_GRAY_MOVE_MOVE_FIT_H
#define PG_GRAY_MOVE_MOVE_FIT_H

#include "release/side_state.h"

struct Move;
struct TwinSet;

/* Raise unless the transaction is READ COMMITTED and READ WRITE, and fires triggers as usual. */
extern void move_fit_transaction(void);

/*
 * Raise object_not_in_prerequisite_state when version 2 has dropped a table over which an owner path
 * leads, or, for a move to gray, all tables; a discard may go on.
 */
extern void move_fit_tables(struct Move *move);

/* Raise object_not_in_prerequisite_state while the fence of a table is off; a discard may go on. */
extern void move_fit_fences(struct Move *move);

/*
 * Return a table or partition (Oid) of the given side on which this transaction has pending
 * deferred checks; 0: there is none.
 */
extern unsigned int move_fit_pending_table(const struct TwinSet *set, Side side);

/* Raise object_in_use when a gray table has pending deferred checks. */
extern void move_fit_no_pending_checks(struct Move *move);

#endif /* PG_GRAY_MOVE_MOVE_FIT_H */
