/*
 * clone_foreign_key.h: copies foreign keys to gray tables
 */
#ifndef PG_GRAY_CLONE_CLONE_FOREIGN_KEY_H
#define PG_GRAY_CLONE_CLONE_FOREIGN_KEY_H

#include "release/twin.h"

/*
 * Copy the foreign keys of production tables to their gray clones from position `first` on.  A key
 * that refers to a table of the release refers to the gray twin in gray; any other key refers to
 * the production table.  A key of an earlier clone that still refers to a production table cloned
 * now is made again, and then refers to its gray twin.  The caller acts as the owner of the tables.
 */
extern void clone_foreign_key_all(const TwinSet *set, int first);

#endif /* PG_GRAY_CLONE_CLONE_FOREIGN_KEY_H */
