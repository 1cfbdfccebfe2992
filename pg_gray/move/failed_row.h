/*
 * failed_row.h: the row that a move failed at
 */
#ifndef PG_GRAY_MOVE_FAILED_ROW_H
#define PG_GRAY_MOVE_FAILED_ROW_H

#include <stdint.h>

#include "release/twin.h"

struct ErrorData;
struct Move;
struct StringInfoData;

/* Runs a statement again for the rows in move's window; `detail` tells it more. */
typedef uint64_t (*FailedRowAgain)(struct Move *move, const Twin *twin, const void *detail);

/* What a move is doing to a table just now, in case that it fails. */
typedef struct FailedRow
{
	const Twin	  *twin; /* null: it writes none */
	Side		   from; /* whose rows the statement goes over */
	Side		   to;	 /* whose table it writes */
	FailedRowAgain again;
	const void	  *detail;

	char   *key;   /* of the row, once it is known */
	int64_t since; /* TimestampTz of the attempt's begin */
} FailedRow;

/* Around each statement that PostgreSQL can refuse for the sake of a row; of two, the outer one counts. */
extern void failed_row_begin(const struct Move *move, const Twin *twin, Side from, Side to,
							 FailedRowAgain again, const void *detail);
extern void failed_row_end(const struct Move *move);

/* The move is about to raise an error on account of this row of the twin's table on a side. */
extern void failed_row_is(const struct Move *move, const Twin *twin, Side to, char *key);

/*
 * Append an expression: the key of row `alias` of a side as text, "(id)=(42)", under
 * the names that it has in production; null for a table without key.
 */
extern void failed_row_append_key(struct StringInfoData *sql, const Twin *twin, Side side,
								  const char *alias);

/* Append: AND row `alias` is one of those in the move's window, $2 to $5. */
extern void failed_row_append_window(struct StringInfoData *sql, const char *alias);

/*
 * The key of the row that a move failed at; null if that is not to be found out in a
 * moment.  Fills in the table of an error that names none.  When rows fail in more than one
 * way, the error becomes that of the row.
 *
 * The failed subtransaction has been rolled back, and the user is locked again; what
 * the search writes is rolled back, too.  Raises query_canceled and its like.
 */
extern char *failed_row_find(const struct Move *move, struct ErrorData **error);

#endif /* PG_GRAY_MOVE_FAILED_ROW_H */
