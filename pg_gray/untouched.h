/*
 * untouched.h: rows that nobody wrote since they were moved, page by page
 *
 * Of a plain heap table, those that have the move's transaction id as xmin.  The id is of
 * a committed transaction, and nobody but the caller writes such rows.
 */
#ifndef UNTOUCHED_H
#define UNTOUCHED_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How many there are, for a snapshot taken now.  False when that can't be told from the
 * pages alone: some are locked, or it is not known yet what became of their last writer.
 */
extern bool untouched_count(unsigned int table, unsigned int xmin, uint64_t *count);

/*
 * Delete them as a DELETE without triggers would.  Rows that take more than a mark in their
 * page are left: locked ones, and ones with parts in a TOAST table; all of them where each
 * row is to be decoded, or the id is of this very transaction.  Returns how many were
 * deleted.  Blocks for a row that somebody locks meanwhile, as DELETE does.
 */
extern uint64_t untouched_delete(unsigned int table, unsigned int xmin);

#endif /* UNTOUCHED_H */
