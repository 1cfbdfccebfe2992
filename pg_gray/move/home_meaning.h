/*
 * home_meaning.h: finds columns whose values changed their meaning since the rows were moved
 *
 * ALTER COLUMN ... TYPE ... USING price * 100 changes values on one side alone: on the way home
 * gray's values would be taken for changed ones.
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
	Side		  side; /* the altered side */

	/*
	 * SQL texts, to be run in this order with meaning_args, as the owner of the tables.  A text
	 * that returns a row says that values changed their meaning: rows that nobody wrote in gray
	 * are no longer what the migration makes of production's rows, nor do they lead back to these;
	 * or, when all rows were written, most of them are so.  The returned row has the key of one
	 * such row, or null.
	 */
	struct List *questions;
} Meaning;

/* Return the altered columns of a user's stay, as Meaning; palloc'd. */
extern struct List *meaning_list(const TwinSet *set, const struct Stay *stay);

/*
 * Return the parameters: $1: the uid, as given; $2: the transaction id of rows that nobody wrote.
 */
extern QueryArgs meaning_args(const QueryArgs *uid, const struct Stay *stay);

/* Return the column's name, and a hint with the statement to type; palloc'd. */
extern char *meaning_column(const Meaning *meaning);
extern char *meaning_hint(const Meaning *meaning);

/* Raise when a question about the stay that a move ends returns a row. */
extern void meaning_refuse_changed(struct Move *move);

/*
 * Append a condition: g's value neither is what the migration makes of p, nor leads back to p's
 * value, nor was kept from an earlier stay of user `uid` (an expression).
 */
extern void meaning_append_strange(struct StringInfoData *sql, const Twin *twin,
								   const Column *column, const char *uid);

#endif /* PG_GRAY_MOVE_HOME_MEANING_H */
