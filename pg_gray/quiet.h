/*
 * quiet.h: moving rows without firing triggers
 */
#ifndef QUIET_H
#define QUIET_H

#include <stdint.h>

#include "query.h"
#include "twin.h"

/* Called once, from _PG_init. */
extern void quiet_init(void);

/*
 * Run an UPDATE or DELETE on the table that a twin has on one side, or an INSERT
 * into it (into its partitions one by one, where it has any),
 * with the triggers of users, the fence and the foreign keys of the release
 * silenced for this statement (integrity.h checks those set-wise).  Still
 * checked row by row: deferrable unique constraints, and foreign keys by
 * which tables outside the release refer to the rows.
 * Returns the number of rows; raises what the statement raises.
 */
extern uint64_t quiet_run(const char *sql, QueryArgs *args, const TwinSet *set, const Twin *twin,
						  Side side);

#endif /* QUIET_H */
