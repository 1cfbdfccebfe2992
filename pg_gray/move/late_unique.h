/*
 * late_unique.h: unique indexes that are filled once all rows of an UPDATE are written
 */
#ifndef PG_GRAY_MOVE_LATE_UNIQUE_H
#define PG_GRAY_MOVE_LATE_UNIQUE_H

#include "release/twin.h"

struct QueryDesc;

/*
 * Called right after ExecutorStart for an UPDATE … RETURNING tableoid, ctid of a
 * twin's table: rows of the statement may then take unique values that other rows of it
 * give up, in any order.  Who is left with a value that another row has still gets
 * PostgreSQL's own error, at the end of the statement.
 *
 * The statement returns no rows.  Columns of the twin's key are taken to stay equal.
 */
extern void late_unique_begin(struct QueryDesc *query, const Twin *twin, Side side);

/* The statement that began has ended, be it by an error. */
extern void late_unique_end(void);

/* Called once, from _PG_init. */
extern void late_unique_init(void);

#endif /* PG_GRAY_MOVE_LATE_UNIQUE_H */
