/*
 * check_row.h: the row that a move makes from another row, as expressions
 */
#ifndef PG_GRAY_CHECK_CHECK_ROW_H
#define PG_GRAY_CHECK_CHECK_ROW_H

#include "release/twin.h"

struct Node;
struct ParseState;

/*
 * Variables of expressions over rows of a pair of tables: p, the production row, and g, the gray
 * one.
 */
#define CHECK_ROW_P 1
#define CHECK_ROW_G 2

typedef struct CheckRow
{
	const Twin		  *twin;
	Side			   from; /* the side whose rows are read */
	Side			   to;	 /* the side of the row that is made; equal to `from`: no change */
	struct ParseState *state;
	struct Node		 **values; /* by attribute of `to`, from 0; null: unknown, or dropped */
	int				   count;
} CheckRow;

/*
 * Make the expressions of the values, in the current memory context.  Mappings are qualified
 * (mapping.h).  Raises when a mapping can't be read.  The caller acts as the owner of the tables.
 */
extern CheckRow *check_row_load(const Twin *twin, Side from, Side to);

/*
 * Translate an expression over a row of `to` (varno 1) into an expression over p and g; null: the
 * expression depends on a value that is not known.
 */
extern struct Node *check_row_apply(const CheckRow *row, struct Node *expression);

/*
 * The value of a column that comes home from a gray row (varno 1), which `row` is to be made from.
 * The column is a pair, or a production-only column with a `down`.  Null: there is no cast.
 */
extern struct Node *check_row_home(const CheckRow *row, const Column *column);

#endif /* PG_GRAY_CHECK_CHECK_ROW_H */
