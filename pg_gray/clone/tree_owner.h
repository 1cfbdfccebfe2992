/*
 * tree_owner.h: finds the owner path of each table of a tree
 */
#ifndef PG_GRAY_CLONE_TREE_OWNER_H
#define PG_GRAY_CLONE_TREE_OWNER_H

#include "clone/tree.h"

/*
 * Set owner and candidates of each table, and put owners before owned.  `registered` are the owner
 * paths (OwnerPath) of tables cloned already, `root` is the owner path of the root, and `choices`
 * (Choice) are the owner paths that the caller chose.  Raises for a choice that is no owner path.
 */
extern void tree_owner_assign(Tree *tree, struct List *registered, struct OwnerPath *root,
							  const struct List *choices, const char *release);

#endif /* PG_GRAY_CLONE_TREE_OWNER_H */
