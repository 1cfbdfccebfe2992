/*
 * home_changes.h: what became of a user's rows in gray since they were moved there
 */
#ifndef PG_GRAY_MOVE_HOME_CHANGES_H
#define PG_GRAY_MOVE_HOME_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "postgres/query.h"
#include "release/twin.h"
#include "user/stay.h"

struct Move;
struct Surplus;

/* More rows of a table than this are not picked one by one. */
#define CHANGE_PICKED_MAX 10000

/* Of one pair of tables. */
typedef struct HomeChanges
{
	const Twin *twin;

	/*
	 * Known row by row: `picked` are the rows of gray that were changed or made there;
	 * all others are as they were moved.  Otherwise any row may differ.
	 */
	bool	  exact;
	QueryArgs picked; /* $1: the uid, $2: their places, tid[] */
	uint64_t  picked_count;
	uint64_t  at_home; /* those of them that have a twin in production */
	uint64_t  untouched;

	/*
	 * The user has so much of the gray table that untouched rows are best found by
	 * reading all of it; by_xid finds them: $1: the uid, $2: the transaction id.
	 */
	bool	  by_scan;
	QueryArgs by_xid;

	bool	 deleted; /* production has rows that gray has no twin of, or may have */
	uint64_t missing; /* when exact and there is a key: how many these are */

	/* Of a table without a key that is not exact: what differs.  See home_keyless.h. */
	struct Surplus *surplus;

	/* Gray-only columns got another default since: what came by the old one is to be kept. */
	bool new_defaults;

	/* Pairs of columns, their types or mappings are others than when the rows were moved. */
	bool	new_pairs;
	Altered altered; /* then */
} HomeChanges;

/* True when a table's rows are all as they were moved: nothing is to be brought home. */
extern bool home_changes_is_none(const HomeChanges *change);

/*
 * Find the changes of all tables, by place in the set; palloc'd.  A row of gray that
 * nobody wrote since the move still has the move's transaction id as its xmin:
 * VACUUM and CLUSTER keep that, and every write of the row changes it.  Raises
 * unique_violation when a picked row's twin belongs to another user.
 */
extern HomeChanges *home_changes_find_all(struct Move *move);

#endif /* PG_GRAY_MOVE_HOME_CHANGES_H */
