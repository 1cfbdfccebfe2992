/*
 * clone_foreign_key.h: the foreign keys of gray clones
 */
#ifndef PG_GRAY_CLONE_CLONE_FOREIGN_KEY_H
#define PG_GRAY_CLONE_CLONE_FOREIGN_KEY_H

#include "release/twin.h"

/*
 * Give the clones from position `first` on the foreign keys of their
 * production tables, and lead those of earlier clones, where they still lead
 * to one of these production tables, to its gray twin.  A key to a table of the
 * release leads to the gray twin, any other to the production table.  The
 * caller acts as the owner of the tables.
 */
extern void clone_foreign_key_all(const TwinSet *set, int first);

#endif /* PG_GRAY_CLONE_CLONE_FOREIGN_KEY_H */
