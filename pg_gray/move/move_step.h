/*
 * move_step.h: the state of a move under way, shared by the files that carry the move out
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

/* One attempt of a move, shared by the files that write its rows. */
typedef struct Move
{
	MoveKind		kind;
	bool			only_if_due; /* the move is done only if the cohort still asks for it */
	struct Release *release;
	struct Uid	   *uid;
	/* on a way home together (home_together.h): the Uids of all users; or NIL */
	struct List		 *together;
	const struct Uid *busy; /* the user of these whose lock the move is waiting for; or null */
	struct Prepared	 *prepared;
	struct Stay		 *stay; /* on the way home: the stay that ends now */
	QueryArgs		  args; /* $1: the uid; together: all uids, an array */
	/*
	 * by number of the table in the set: rows copied; on the way home: rows copied there, as far
	 * as known
	 */
	uint64_t *rows;
	uint64_t *own_rows;	 /* by number of the own table: rows put back (park.h) */
	uint64_t  row_count; /* rows written so far */
	uint64_t  seen;		 /* rows that the user is known to have */
	int		  step;
	int		  steps;
	bool	  locked; /* the user is locked: from here on, an error is an error of the move */
	/* an error is the fault of the caller's transaction: it is raised, not recorded */
	bool unfit;
	/* with unfit: the message was written by pg_gray and discloses nothing of rows */
	bool plain;
	bool gave;	 /* the move failed because of rows that were given away */
	bool window; /* only rows from the tid in $2, $3 (table, ctid) to the tid in $4, $5 */
	struct FailedRow *failed_row;
	struct List		**made_keys; /* on the way home: see made_rows_note */
	char			 *note;		 /* for the history of a move that succeeds; or null */
} Move;

/* Return "migrate", "migrate_back" or "discard", as in gray.attempt_ID and gray.progress. */
extern const char *move_kind_name(MoveKind kind);

/* Begin a step, as gray.progress shows it; `doing` is the activity and twin its table. */
extern void move_step_begin(Move *move, const Twin *twin, const char *doing);

#endif /* PG_GRAY_MOVE_MOVE_STEP_H */
