/*
 * copy.h: copies a user's rows from one side's table into the twin on the other side
 */
#ifndef PG_GRAY_MOVE_COPY_H
#define PG_GRAY_MOVE_COPY_H

#include <stdint.h>

#include "postgres/query.h"
#include "release/twin.h"

struct Move;

/* The rows to copy, and the direction. */
typedef enum CopyKind
{
	COPY_TO_GRAY, /* all rows of the user in production */
	/* the same rows, with the values kept from an earlier stay; see kept_values.h */
	COPY_TO_GRAY_KEPT,
	COPY_HOME,		   /* all rows of the user in gray */
	COPY_HOME_MISSING, /* the user's gray rows that have no twin in production */
	COPY_HOME_PICKED,  /* the same, but only rows at the tids $2 (tid[]) */
	COPY_HOME_AT	   /* all rows at the tids $2 (tid[]) */
} CopyKind;

/*
 * Insert rows into the twin on the other side; return their number.  Identity values are copied as
 * they are; generated columns are computed anew.
 */
extern uint64_t copy_rows(struct Move *move, const Twin *twin, CopyKind kind, const QueryArgs *args);

/* COPY_HOME_AT from the gray table, or from one of its partitions. */
extern uint64_t copy_rows_at(struct Move *move, const Twin *twin, unsigned int relation,
							 const QueryArgs *tids);

#endif /* PG_GRAY_MOVE_COPY_H */
