/*
 * move_step.h: a move under way, as the files that carry it out see it
 */
#ifndef PG_GRAY_MOVE_MOVE_STEP_H
#define PG_GRAY_MOVE_MOVE_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "postgres/query.h"
#include "release/twin.h"

struct FailedRow;
struct List;
struct Prepared;
struct Release;
struct Stay;
struct Uid;

typedef enum MoveKind
{
	MOVE_MIGRATE, /* production to gray */
	MOVE_BACK,	  /* gray to production, merged into the frozen rows */
	MOVE_DISCARD  /* gray rows deleted, the frozen rows live again */
} MoveKind;

/* One attempt, as the files that write the rows see it. */
typedef struct Move
{
	MoveKind		  kind;
	bool			  only_if_due; /* done only if the cohort still asks for it */
	struct Release	 *release;
	struct Uid		 *uid;
	struct List		 *together; /* of a way home together (home_together.h): Uid, of all; or NIL */
	const struct Uid *busy;		/* the one of them whose lock it asks for; or null */
	struct Prepared	 *prepared;
	struct Stay		 *stay; /* on the way home: that which ends now */
	QueryArgs		  args; /* $1: the uid; together: all uids, an array */
	uint64_t *rows; /* by place of the table: rows copied; on the way home, as far as is known */
	uint64_t  row_count; /* rows written so far */
	uint64_t  seen;		 /* rows that the user is known to have */
	int		  step;
	int		  steps;
	bool	  locked; /* the user is locked: from here on, errors are of the move */
	bool	  unfit;  /* an error is of the caller's transaction: raised, not recorded */
	bool	  plain;  /* then: it is worded here, and says nothing of rows */
	bool	  gave;	  /* it failed for the sake of rows that were given away */
	bool	  window; /* only rows from the place in $2, $3 to that in $4, $5 */
	struct FailedRow *failed_row;
} Move;

/* "migrate", "migrate_back" or "discard": as attempts and gray.progress have it. */
extern const char *move_kind_name(MoveKind kind);

/* Begin a step, as gray.progress shows it: what is being done to which table. */
extern void move_step_begin(Move *move, const Twin *twin, const char *doing);

#endif /* PG_GRAY_MOVE_MOVE_STEP_H */
