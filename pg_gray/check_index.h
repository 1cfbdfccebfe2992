/*
 * check_index.h: whether a table has the indexes that moves need
 */
#ifndef CHECK_INDEX_H
#define CHECK_INDEX_H

#include <stdbool.h>

#include "twin.h"

/*
 * Both look at valid, not partial indexes of `relation`, which is the twin's
 * table on `side`.
 */

/* One begins with the column that holds the uid, or with one of the owner path's. */
extern bool check_index_leads_to_owner(unsigned int relation, Side side, const Twin *twin);

/* One is unique, and all of its columns are among the key's. */
extern bool check_index_unique(unsigned int relation, Side side, const Twin *twin);

#endif /* CHECK_INDEX_H */
