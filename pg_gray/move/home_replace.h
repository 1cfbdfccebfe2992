/*
 * home_replace.h: replaces all rows of a user in production, in place of a merge
 */
#ifndef PG_GRAY_MOVE_HOME_REPLACE_H
#define PG_GRAY_MOVE_HOME_REPLACE_H

#include <stdbool.h>

#include "release/twin.h"

struct List;
struct Move;

/* True when this session asks for it: pg_gray.back_strategy = 'replace'. */
extern bool home_replace_is_wanted(void);

/*
 * Delete the user's rows in production, and copy the gray rows home.  Raises as the checks of
 * reference_check.h and home_replace.h do.
 */
extern void home_replace_rows(struct Move *move);

/* Called once, from _PG_init: defines pg_gray.back_strategy. */
extern void home_replace_init(void);

/*
 * The user's rows in a production table at `tids` (TidList; null: all rows) are about to be
 * deleted.  Raise foreign_key_violation when a row of a table outside the release refers to a row
 * that will be there again: its foreign key (ON DELETE ...) would act as if the row were gone.
 * Rows to which such a foreign key may lead are locked NOWAIT: raises lock_not_available.  The
 * caller acts as the owner of the tables.
 */
extern void home_replace_refuse_referred(const struct Move *move, const Twin *twin,
										 const struct List *tids);

#endif /* PG_GRAY_MOVE_HOME_REPLACE_H */
