/*
 * copy.h: a user's rows, from one side's table into the other's
 */
#ifndef PG_GRAY_MOVE_COPY_H
#define PG_GRAY_MOVE_COPY_H

#include <stdint.h>

#include "postgres/query.h"
#include "release/twin.h"

struct Move;

/* Which rows go where. */
typedef enum CopyKind
{
	COPY_TO_GRAY,	   /* all that the user has in production */
	COPY_TO_GRAY_KEPT, /* the same, with what was kept of an earlier stay; see kept_values.h */
	COPY_HOME,		   /* all that the user has in gray */
	COPY_HOME_MISSING, /* those that production has no twin of */
	COPY_HOME_PICKED,  /* the same, out of the rows at the tids $2 (tid[]) */
	COPY_HOME_AT	   /* all rows at the tids $2 (tid[]) */
} CopyKind;

/*
 * Insert rows into the twin on the other side; returns how many.  Identity values
 * are moved as they are; generated columns are computed anew.
 */
extern uint64_t copy_rows(struct Move *move, const Twin *twin, CopyKind kind, const QueryArgs *args);

/* COPY_HOME_AT from the gray table, or from one of its partitions. */
extern uint64_t copy_rows_at(struct Move *move, const Twin *twin, unsigned int relation,
							 const QueryArgs *tids);

#endif /* PG_GRAY_MOVE_COPY_H */
