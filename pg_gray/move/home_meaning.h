/*
 * home_meaning.h: columns whose values mean something else than when the rows were moved
 *
 * ALTER COLUMN ... TYPE ... USING price * 100 changes values on one side alone: on the way home
 * gray's would be taken for changed ones.
 */
#ifndef PG_GRAY_MOVE_HOME_MEANING_H
#define PG_GRAY_MOVE_HOME_MEANING_H

#include "postgres/query.h"
#include "release/twin.h"

struct List;
struct Move;
struct Stay;
struct StringInfoData;

/* A column that was altered since a stay began. */
typedef struct Meaning
{
	const Twin	 *twin;
	const Column *column;
	Side		  side; /* that was altered */

	/*
	 * SQL texts, to be asked in this order with meaning_args, by the owner of the tables.  One that
	 * returns a row says that values mean something else: rows that nobody wrote in gray
	 * are no more what the migration makes of production's, nor lead back to those; or most are so
	 * where all were written.  The row has the key of one, or null.
	 */
	struct List *questions;
} Meaning;

/* All of a user's stay, as Meaning; palloc'd. */
extern struct List *meaning_list(const TwinSet *set, const struct Stay *stay);

/* $1: the uid, as it is given, $2: the transaction id of rows that nobody wrote. */
extern QueryArgs meaning_args(const QueryArgs *uid, const struct Stay *stay);

/* The column's name, and what to type; palloc'd. */
extern char *meaning_column(const Meaning *meaning);
extern char *meaning_hint(const Meaning *meaning);

/* Raise when any of the questions about the stay that a move ends has a row. */
extern void meaning_refuse_changed(struct Move *move);

/*
 * Append a condition: g's value neither is what the migration makes of p, nor leads back to p's.
 * One that was kept from an earlier stay, of user `uid` (an expression), is neither.
 */
extern void meaning_append_strange(struct StringInfoData *sql, const Twin *twin,
								   const Column *column, const char *uid);

#endif /* PG_GRAY_MOVE_HOME_MEANING_H */
