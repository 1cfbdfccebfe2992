/*
 * home_keyless.h: brings home rows that have no key
 *
 * Whole rows are compared as multisets: equal rows are counted on both sides.  Rows that gray has
 * fewer of are deleted in production, and rows that production has fewer of are inserted there.
 * Other rows are not touched, except in columns that became pairs meanwhile.
 */
#ifndef PG_GRAY_MOVE_HOME_KEYLESS_H
#define PG_GRAY_MOVE_HOME_KEYLESS_H

#include <stdint.h>

#include "move/home_changes.h"
#include "release/twin.h"

struct Altered;
struct List;
struct Move;
struct StringInfoData;

/* By Side: the rows of which the other side has fewer equal rows, as lists of TidList. */
typedef struct Surplus
{
	struct List *rows[2];
} Surplus;

/*
 * Fill in a change that is not known row by row.  Of equal rows in production, the last ones in
 * the table are deleted: their production-only columns may differ, and nothing tells which of the
 * rows gray has lost.
 */
extern void multiset_compare(struct Move *move, HomeChanges *change);

/*
 * Delete from production, or insert there, the rows that multiset_compare found; return their
 * number.
 */
extern uint64_t multiset_delete(struct Move *move, const HomeChanges *change);
extern uint64_t multiset_insert(struct Move *move, const HomeChanges *change);

/*
 * To be called after multiset_delete and before multiset_insert: merge rows that are equal in all
 * pairs except pairs that are new since the stay began; return the number of rows written.
 */
extern uint64_t multiset_merge(struct Move *move, const HomeChanges *change);

/*
 * Append a SELECT of the number of such rows, on both sides; return false when there is no new
 * pair.
 */
extern bool multiset_append_merged_count(struct StringInfoData *sql, const Twin *twin,
										 const struct Altered *altered);

/*
 * Append a SELECT of (side integer, relation, tid, content) of the user's rows on both sides; for
 * content see content_append.  With `spared`, the number of a parameter, rows in the partitions of
 * home_absence_append_spared are left out.
 */
extern void multiset_append_rows(struct StringInfoData *sql, const Twin *twin,
								 const struct Altered *altered, int spared);

/*
 * Append the content of row p or g.  The contents of two rows are equal exactly when a way home
 * has nothing to write.  The content of p is that of the gray row that p became, or would become.
 *
 * Values are compared bit for bit, as in tables with a key (see row_image.c).
 *
 * With `altered` (may be null), pairs that are new since the move are left out, since an empty
 * value on one side says nothing.  A pair that was altered since counts with the part of the value
 * that production can hold.
 */
extern void content_append(struct StringInfoData *sql, const Twin *twin, Side side,
						   const struct Altered *altered);

#endif /* PG_GRAY_MOVE_HOME_KEYLESS_H */
