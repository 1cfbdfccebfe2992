/*
 * home_changes.h: finds the changes to a user's rows in gray since they were moved there
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

/* When more rows of a table than this were changed, they are not picked one by one. */
#define CHANGE_PICKED_MAX 10000

/* The changes of one pair of tables. */
typedef struct HomeChanges
{
	const Twin *twin;

	/*
	 * True when the changes are known row by row: `picked` are the gray rows that were changed or
	 * inserted in gray, and all other rows are as they were moved.  Otherwise any row may differ.
	 */
	bool	  exact;
	QueryArgs picked; /* $1: the uid, $2: tids of the picked rows (tid[]) */
	uint64_t  picked_count;
	uint64_t  at_home; /* number of picked rows that have a twin in production */
	uint64_t  untouched;

	/*
	 * True when the user has so much of the gray table that untouched rows are best found by
	 * reading the whole table.  by_xid are the parameters to find these rows: $1: the uid, $2: the
	 * transaction id.
	 */
	bool	  by_scan;
	QueryArgs by_xid;

	bool	 deleted; /* production has, or may have, rows without a twin in gray */
	uint64_t missing; /* number of these rows; known when exact and the table has a key */

	/* The rows that differ, for a table without a key and not `exact`.  See home_keyless.h. */
	struct Surplus *surplus;

	/*
	 * True when gray-only columns got another default since the move: values of the old default
	 * must be kept.
	 */
	bool new_defaults;

	/*
	 * True when pairs of columns, their types or their mappings changed since the rows were moved.
	 */
	bool	new_pairs;
	Altered altered; /* the changed pairs, with new_pairs */
} HomeChanges;

/* True when all rows of a table are as they were moved, so that nothing must be brought home. */
extern bool home_changes_is_none(const HomeChanges *change);

/*
 * Find the changes of all tables, by number in the set; palloc'd.  A gray row that nobody wrote
 * since the move still has the move's transaction id as its xmin: VACUUM and CLUSTER keep the
 * xmin, and every write of the row changes it.  Raises unique_violation when a picked row's twin
 * belongs to another user.
 */
extern HomeChanges *home_changes_find_all(struct Move *move);

#endif /* PG_GRAY_MOVE_HOME_CHANGES_H */
