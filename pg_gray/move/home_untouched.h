/*
 * home_untouched.h: finds and deletes, page by page, rows that nobody wrote since they were moved
 *
 * In a plain heap table, these are the rows with the move's transaction id as xmin.  The id is
 * that of a committed transaction, and nobody but the caller writes such rows.
 */
#ifndef PG_GRAY_MOVE_HOME_UNTOUCHED_H
#define PG_GRAY_MOVE_HOME_UNTOUCHED_H

#include <stdbool.h>
#include <stdint.h>

struct List;

/* More tids than these are not collected. */
#define UNTOUCHED_WRITTEN_MAX 100000

typedef struct Untouched
{
	/* number of untouched rows that are still there, for a snapshot taken now */
	uint64_t count;
	/* tids (ItemPointer) of other rows that may be there and may have been written since */
	struct List *written;
	/*
	 * true: the other fields are void, since the pages do not tell, or too many rows may be
	 * written
	 */
	bool doubtful;
} Untouched;

/*
 * Find the untouched rows, and the rows written since.  No transaction before `since` was in
 * progress when the rows were moved.
 */
extern Untouched home_untouched_find(unsigned int table, unsigned int xmin, unsigned int since);

/*
 * Delete the untouched rows as a DELETE without triggers would; return the number of deleted rows.
 * Left out are rows for which a mark in their page is not enough: locked rows, and rows with parts
 * in a TOAST table.  No row is deleted when each deletion is to be decoded, or when the id is that
 * of this very transaction.  Blocks for a row that another transaction locks meanwhile, as DELETE
 * does.
 */
extern uint64_t home_untouched_delete(unsigned int table, unsigned int xmin);

#endif /* PG_GRAY_MOVE_HOME_UNTOUCHED_H */
