/*
 * late_unique.h: fills unique indexes once all rows of an UPDATE are written
 */
#ifndef PG_GRAY_MOVE_LATE_UNIQUE_H
#define PG_GRAY_MOVE_LATE_UNIQUE_H

#include "release/twin.h"

struct QueryDesc;

/*
 * To be called right after ExecutorStart for an UPDATE … RETURNING tableoid, ctid of a twin's
 * table: rows of the statement may then take unique values that other rows of the statement give
 * up, in any order.  A row that is left with a value of another row still gets PostgreSQL's own
 * error, at the end of the statement.
 *
 * The statement returns no rows.  The columns of the twin's key are assumed to stay equal.
 */
extern void late_unique_begin(struct QueryDesc *query, const Twin *twin, Side side);

/* To be called when the statement has ended, also by an error. */
extern void late_unique_end(void);

/* Called once, from _PG_init. */
extern void late_unique_init(void);

#endif /* PG_GRAY_MOVE_LATE_UNIQUE_H */
