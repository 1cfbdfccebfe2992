/*
 * multiset.h: the way home of rows that have no key
 *
 * Whole rows are compared, and equal ones counted: production's rows that gray has fewer of
 * go, gray's that production has fewer of come.  All others are not touched, but for columns that
 * became pairs meanwhile.
 */
#ifndef MULTISET_H
#define MULTISET_H

#include <stdint.h>

#include "change.h"

struct Altered;
struct List;
struct Move;
struct StringInfoData;

/* The rows that the other side has fewer of, by Side: lists of Places. */
typedef struct Surplus
{
	struct List *rows[2];
} Surplus;

/*
 * Fill in a change that is not known row by row.  Of equal rows in production, those go that
 * come last in the table: their production-only columns may differ, and nothing tells which
 * of them gray has lost.
 */
extern void multiset_compare(struct Move *move, Change *change);

/* Delete from production, or insert there, what multiset_compare found; return how many. */
extern uint64_t multiset_delete(struct Move *move, const Change *change);
extern uint64_t multiset_insert(struct Move *move, const Change *change);

/*
 * Between the two: merge rows that are equal in all but pairs that are new since the stay began;
 * returns how many were written.
 */
extern uint64_t multiset_merge(struct Move *move, const Change *change);

/* Append a SELECT of how many these are, on both sides; or false: there is no new pair. */
extern bool multiset_append_merged_count(struct StringInfoData *sql, const Twin *twin,
										 const struct Altered *altered);

/*
 * Append a SELECT of (side integer, relation, place, content) of the user's rows on both sides; of
 * what, see content.h.  With `spared`, the number of a parameter, without those of
 * absence_append_spared.
 */
extern void multiset_append_rows(struct StringInfoData *sql, const Twin *twin,
								 const struct Altered *altered, int spared);

#endif /* MULTISET_H */
