/*
 * home_untouched.h: rows that nobody wrote since they were moved, page by page
 *
 * Of a plain heap table, those that have the move's transaction id as xmin.  The id is of
 * a committed transaction, and nobody but the caller writes such rows.
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
	uint64_t	 count; /* of those that there still are, for a snapshot taken now */
	struct List *written; /* tids (ItemPointer) of other rows that may be there, and be written since */
	bool		 doubtful; /* the rest is void: it can't be told, or too many may be written */
} Untouched;

/*
 * Find them, and what was written since.  No transaction before `since` was in progress
 * when the rows were moved.
 */
extern Untouched home_untouched_find(unsigned int table, unsigned int xmin, unsigned int since);

/*
 * Delete them as a DELETE without triggers would.  Rows that take more than a mark in their
 * page are left: locked ones, and ones with parts in a TOAST table; all of them where each
 * row is to be decoded, or the id is of this very transaction.  Returns how many were
 * deleted.  Blocks for a row that somebody locks meanwhile, as DELETE does.
 */
extern uint64_t home_untouched_delete(unsigned int table, unsigned int xmin);

#endif /* PG_GRAY_MOVE_HOME_UNTOUCHED_H */
