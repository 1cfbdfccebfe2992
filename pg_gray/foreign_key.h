/*
 * foreign_key.h: the foreign keys of a table, and those of its gray clone
 */
#ifndef FOREIGN_KEY_H
#define FOREIGN_KEY_H

#include <stdint.h>

#include "twin.h"

struct List;

/*
 * Copies of a table's foreign keys (ForeignKeyCacheInfo), in order of name.  What
 * PostgreSQL adds for each partition of the table that a key leads to is left out.
 */
extern struct List *foreign_key_list(unsigned int relation);

/*
 * Also those that only single partitions of the table have.  The caller has
 * called SPI_connect.
 */
extern struct List *foreign_key_list_family(unsigned int relation);

/*
 * Give the clones from position `first` on the foreign keys of their
 * production tables, and lead those of earlier clones, where they still lead
 * to one of these production tables, to its gray twin.  A key to a table of the
 * release leads to the gray twin, any other to the production table.  The
 * caller acts as the owner of the tables.
 */
extern void foreign_key_clone_all(const TwinSet *set, int first);

#endif /* FOREIGN_KEY_H */
