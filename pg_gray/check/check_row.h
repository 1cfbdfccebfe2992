/*
 * check_row.h: the row that a move makes of another one, as expressions
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
	Side			   from; /* whose rows are read */
	Side			   to;	 /* whose row is made of them; the same: it is as it is read */
	struct ParseState *state;
	struct Node		 **values; /* by attribute of `to`, from 0; null: not known, or dropped */
	int				   count;
} CheckRow;

/*
 * Work out the values, in the current memory context.  Mappings are qualified (mapping.h). 
 * Raises when one can't be read.  The caller acts as the owner of the tables.
 */
extern CheckRow *check_row_load(const Twin *twin, Side from, Side to);

/*
 * An expression over a row of `to` (as a variable numbered 1), as one over p and g; null: it
 * depends on a value that is not known.
 */
extern struct Node *check_row_apply(const CheckRow *row, struct Node *expression);

/*
 * What comes home of a gray row (as a variable numbered 1), of which `row` is to be made: for a
 * pair of columns, or for one that production alone has, by its `down`; null: there is no cast.
 */
extern struct Node *check_row_home(const CheckRow *row, const Column *column);

#endif /* PG_GRAY_CHECK_CHECK_ROW_H */
