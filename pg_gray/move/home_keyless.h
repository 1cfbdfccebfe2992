/*
 * home_keyless.h: the way home of rows that have no key
 *
 * Whole rows are compared, and equal ones counted: production's rows that gray has fewer of
 * go, gray's that production has fewer of come.  All others are not touched, but for columns that
 * became pairs meanwhile.
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

/* The rows that the other side has fewer of, by Side: lists of TidList. */
typedef struct Surplus
{
	struct List *rows[2];
} Surplus;

/*
 * Fill in a change that is not known row by row.  Of equal rows in production, those go that
 * come last in the table: their production-only columns may differ, and nothing tells which
 * of them gray has lost.
 */
extern void multiset_compare(struct Move *move, HomeChanges *change);

/* Delete from production, or insert there, what multiset_compare found; return how many. */
extern uint64_t multiset_delete(struct Move *move, const HomeChanges *change);
extern uint64_t multiset_insert(struct Move *move, const HomeChanges *change);

/*
 * Between the two: merge rows that are equal in all but pairs that are new since the stay began;
 * returns how many were written.
 */
extern uint64_t multiset_merge(struct Move *move, const HomeChanges *change);

/* Append a SELECT of how many these are, on both sides; or false: there is no new pair. */
extern bool multiset_append_merged_count(struct StringInfoData *sql, const Twin *twin,
										 const struct Altered *altered);

/*
 * Append a SELECT of (side integer, relation, place, content) of the user's rows on both sides; of
 * what, see home_keyless.h.  With `spared`, the number of a parameter, without those of
 * home_absence_append_spared.
 */
extern void multiset_append_rows(struct StringInfoData *sql, const Twin *twin,
								 const struct Altered *altered, int spared);

/*
 * Append the content of row p or g: equal for two rows just when a way home has nothing to
 * write.  Of p it is what that was, or would be, as a gray row.
 *
 * Values are compared bit for bit, as where there is a key (see row_image.c).
 *
 * With `altered`, which may be null, pairs that are new since are left out: what is empty on one side
 * says nothing.  One that was altered since counts as what production can hold of it.
 */
extern void content_append(struct StringInfoData *sql, const Twin *twin, Side side,
						   const struct Altered *altered);

#endif /* PG_GRAY_MOVE_HOME_KEYLESS_H */
