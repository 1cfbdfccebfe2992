/*
 * late_index.h: unique indexes that are filled once all rows of an UPDATE are written
 */
#ifndef LATE_INDEX_H
#define LATE_INDEX_H

#include "twin.h"

struct QueryDesc;

/*
 * Called right after ExecutorStart for an UPDATE … RETURNING tableoid, ctid of a
 * twin's table: rows of the statement may then take unique values that other rows of it
 * give up, in any order.  Who is left with a value that another row has still gets
 * PostgreSQL's own error, at the end of the statement.
 *
 * The statement returns no rows.  Columns of the twin's key are taken to stay equal.
 */
extern void late_index_begin(struct QueryDesc *query, const Twin *twin, Side side);

/* The statement that began has ended, be it by an error. */
extern void late_index_end(void);

/* Called once, from _PG_init. */
extern void late_index_init(void);

#endif /* LATE_INDEX_H */
