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

/* The table that a twin of a set has on one side. */
typedef struct QuietTarget
{
	const TwinSet *set;
	const Twin	  *twin;
	Side		   side;
	unsigned int   partition; /* Oid: that the statement names instead; or 0 */
} QuietTarget;

/* Oid of the table that a statement on the target names. */
extern unsigned int quiet_table(QuietTarget target);

/* True when a DELETE of the target's rows would fire any trigger all the same (see below). */
extern bool quiet_fires_on_delete(QuietTarget target);

/*
 * Run a prepared UPDATE or DELETE on a target, or an INSERT into it (into its
 * partitions one by one, where it has any), with the triggers of users, the
 * fence and the foreign keys of the release silenced for this statement
 * (integrity.h checks those set-wise).  Still checked row by row, at the end of
 * the statement even where the constraint is deferred: deferrable unique
 * constraints, and foreign keys by which tables outside the release refer to the rows.
 * An UPDATE of a heap that ends in RETURNING tableoid, ctid checks other unique
 * indexes at the end of the statement, too: see late_index.h.
 * No rule acts on it (rule.h): the plan is of query_prepare_without_rules, and of quiet_table.
 * Returns the number of rows; raises what the statement raises.
 */
extern uint64_t quiet_run(struct _SPI_plan *plan, QueryArgs *args, QuietTarget target);

#endif /* QUIET_H */
