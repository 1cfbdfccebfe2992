/*
 * failed_row.h: finds the row at which a move failed
 */
#ifndef PG_GRAY_MOVE_FAILED_ROW_H
#define PG_GRAY_MOVE_FAILED_ROW_H

#include <stdint.h>

#include "release/twin.h"

struct ErrorData;
struct Move;
struct StringInfoData;

/* Runs a statement again for the rows in the move's window; `detail` tells it more. */
typedef uint64_t (*FailedRowAgain)(struct Move *move, const Twin *twin, const void *detail);

/* The statement that a move runs on a table just now, in case that it fails. */
typedef struct FailedRow
{
	const Twin	  *twin; /* null: the move writes no table */
	Side		   from; /* side whose rows the statement reads */
	Side		   to;	 /* side whose table it writes */
	FailedRowAgain again;
	const void	  *detail;

	char   *key;   /* key of the row, once it is known */
	int64_t since; /* TimestampTz of the attempt's begin */
} FailedRow;

/*
 * To be called around each statement that PostgreSQL can refuse because of a row; of nested calls,
 * the outer one counts.
 */
extern void failed_row_begin(const struct Move *move, const Twin *twin, Side from, Side to,
							 FailedRowAgain again, const void *detail);
extern void failed_row_end(const struct Move *move);

/*
 * To be called when the move is about to raise an error because of this row of the twin's table on
 * a side.
 */
extern void failed_row_is(const struct Move *move, const Twin *twin, Side to, char *key);

/*
 * Append an expression: the key of row `alias` of a side as text, "(id)=(42)", under the names
 * that the columns have in production; null for a table without key.
 */
extern void failed_row_append_key(struct StringInfoData *sql, const Twin *twin, Side side,
								  const char *alias);

/* Append: AND row `alias` is in the move's window, $2 to $5. */
extern void failed_row_append_window(struct StringInfoData *sql, const char *alias);

/*
 * Return the key of the row at which a move failed; null when it can't be found in a moment.
 * Fills in the table of an error that names none.  When rows fail in more than one way, *error
 * becomes the error of the found row.
 *
 * The failed subtransaction has been rolled back, and the user is locked again; the writes of the
 * search are rolled back, too.  Raises query_canceled and similar errors.
 */
extern char *failed_row_find(const struct Move *move, struct ErrorData **error);

#endif /* PG_GRAY_MOVE_FAILED_ROW_H */
