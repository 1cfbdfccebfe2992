/*
 * tree_owner.h: how each table of a tree leads to its uid
 */
#ifndef TREE_OWNER_H
#define TREE_OWNER_H

#include "tree.h"

/*
 * Set owner and candidates of each table.  `registered` are the owner paths
 * (OwnerPath) of tables cloned already, `root` is that of the root.
 */
extern void tree_owner_assign(Tree *tree, struct List *registered, struct OwnerPath *root);

#endif /* TREE_OWNER_H */
