/*
 * silent_write.h: writes moved rows without firing triggers
 */
#ifndef PG_GRAY_MOVE_SILENT_WRITE_H
#define PG_GRAY_MOVE_SILENT_WRITE_H

#include <stdint.h>

#include "postgres/query.h"
#include "release/side_state.h"
#include "release/twin.h"

/* Called once, from _PG_init. */
extern void silent_write_init(void);

/* The table that a twin of a set has on one side. */
typedef struct SilentTarget
{
	const TwinSet *set;
	const Twin	  *twin;
	Side		   side;
	unsigned int   partition; /* Oid of the partition that the statement names instead; or 0 */
} SilentTarget;

/* Return the Oid of the table that a statement on the target names. */
extern unsigned int silent_write_table(SilentTarget target);

/*
 * True when a DELETE of the target's rows would fire a trigger all the same (see
 * silent_write_run).
 */
extern bool silent_write_fires_on_delete(SilentTarget target);

/*
 * Run a prepared UPDATE or DELETE on a target, or an INSERT into it (into its partitions one by
 * one, where it has any), with the triggers of users, the fence and the foreign keys of the
 * release silenced for this statement (reference_check.h checks those set-wise).  Deferrable
 * unique constraints, and foreign keys by which tables outside the release refer to the rows, are
 * still checked row by row, at the end of the statement even when the constraint is deferred.  An
 * UPDATE of a heap that ends in RETURNING tableoid, ctid checks other unique indexes at the end of
 * the statement, too: see late_unique.h.  No rule acts on the statement (rule.h): the plan comes
 * from query_prepare_without_rules, for the table of silent_write_table.  Returns the number of
 * rows; raises what the statement raises.
 */
extern uint64_t silent_write_run(struct _SPI_plan *plan, const QueryArgs *args, SilentTarget target);

#endif /* PG_GRAY_MOVE_SILENT_WRITE_H */
