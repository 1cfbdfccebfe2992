/*
 * move.h: moving one user, all or nothing
 */
#ifndef PG_GRAY_MOVE_MOVE_H
#define PG_GRAY_MOVE_MOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "move/failed_row.h"
#include "move/prepared.h"
#include "postgres/query.h"
#include "release/side_state.h"

struct Release;
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
	Prepared		 *prepared;
	struct Stay		 *stay; /* on the way home: that which ends now */
	QueryArgs		  args; /* $1: the uid; together: all uids, an array */
	uint64_t  *rows; /* by place of the table: rows copied; on the way home, as far as is known */
	uint64_t   row_count; /* rows written so far */
	uint64_t   seen;	  /* rows that the user is known to have */
	int		   step;
	int		   steps;
	bool	   locked; /* the user is locked: from here on, errors are of the move */
	bool	   unfit;  /* an error is of the caller's transaction: raised, not recorded */
	bool	   plain;  /* then: it is worded here, and says nothing of rows */
	bool	   gave;   /* it failed for the sake of rows that were given away */
	bool	   window; /* only rows from the place in $2, $3 to that in $4, $5 */
	FailedRow *failed_row;
} Move;

/*
 * Move a user in a subtransaction of the caller's transaction.  When the
 * state or (only_if_due) the cohort turns out to be another once the user is
 * locked, nothing is done.  Returns the state that it came to.
 *
 * A user without any row in production, who was never moved, is not migrated: nothing is done.
 * Users without whom the user can't come home are brought home along with it.
 *
 * Errors of the data make the user failed or stuck; that is recorded, told,
 * and warned of.  Errors that time cures, and every error of a discard, are
 * raised, and nothing is changed.  Raises unless the transaction is READ
 * COMMITTED and READ WRITE, and within another move.  What `caller` (the role's Oid) may not know
 * of rows is neither raised nor warned of (disclosure.h).  Blocks until the user's writers in flight
 * have ended.
 * The caller has called SPI_connect and acts as the catalog owner.
 */
extern State move_user(MoveKind kind, bool only_if_due, struct Release *release, struct Uid *uid,
					   unsigned int caller);

/* False for a user without any row in production, who was never moved; as presence_has_rows. */
extern bool move_finds_user(const struct Release *release, const struct Uid *uid);

/* Begin a step, as gray.progress shows it. */
extern void move_progress(Move *move, const Twin *twin, const char *doing);

/* The rows, in migrate.c and home.c; acting as the tables' owner. */
extern void migrate_rows(Move *move);
extern void migrate_back_rows(Move *move);
extern void discard_rows(Move *move);

/* Called once, from _PG_init: defines pg_gray.yield_timeout. */
extern void move_init(void);

#endif /* PG_GRAY_MOVE_MOVE_H */
