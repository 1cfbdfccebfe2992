/*
 * tree_owner.h: how each table of a tree leads to its uid
 */
#ifndef PG_GRAY_CLONE_TREE_OWNER_H
#define PG_GRAY_CLONE_TREE_OWNER_H

#include "clone/tree.h"

/*
 * Set owner and candidates of each table, and put the tables into the order of owners.
 * `registered` are the owner paths (OwnerPath) of tables cloned already, `root` is that of
 * the root, and `choices` (Choice) are what people said.  Raises for a choice that is no
 * owner path.
 */
extern void tree_owner_assign(Tree *tree, struct List *registered, struct OwnerPath *root,
							  const struct List *choices, const char *release);

#endif /* PG_GRAY_CLONE_TREE_OWNER_H */
