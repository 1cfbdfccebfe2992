/*
 * home_replace.h: all rows of a user replaced in production, instead of merged
 */
#ifndef PG_GRAY_MOVE_HOME_REPLACE_H
#define PG_GRAY_MOVE_HOME_REPLACE_H

#include <stdbool.h>

#include "release/twin.h"

struct List;
struct Move;

/* Does this session want it: pg_gray.back_strategy = 'replace'. */
extern bool home_replace_is_wanted(void);

/*
 * Delete the user's rows in production, and copy those in gray home.  Raises as the checks
 * of reference_check.h and home_replace.h do.
 */
extern void home_replace_rows(struct Move *move);

/* Called once, from _PG_init: defines pg_gray.back_strategy. */
extern void home_replace_init(void);

/*
 * Of the user's rows in a production table, those at `tids` (TidList; null: all) are about to
 * be deleted.  Raise foreign_key_violation when a row of a table outside the release refers
 * to one that will be there again: its foreign key (ON DELETE ...) would act as if it were gone.
 * Those rows that such a key may lead to are locked NOWAIT: raises lock_not_available.
 * The caller acts as the owner of the tables.
 */
extern void home_replace_refuse_referred(const struct Move *move, const Twin *twin,
										 const struct List *tids);

#endif /* PG_GRAY_MOVE_HOME_REPLACE_H */
