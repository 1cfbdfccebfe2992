/*
 * tree_call.h: writes the call of gray_clone_tree that makes the same tree again
 */
#ifndef PG_GRAY_CLONE_TREE_CALL_H
#define PG_GRAY_CLONE_TREE_CALL_H

#include "clone/tree.h"

/*
 * The member of the object `choices` for this path, such as "public.messages": "from_id"; palloc'd.
 */
extern char *tree_call_member(const TreeTable *table, const struct OwnerPath *path);

/* The argument choices => '{"public.messages": "from_id"}'; palloc'd. */
extern char *tree_call_choice(const TreeTable *table, const struct OwnerPath *path);

/*
 * The whole call; palloc'd.  It has a choice for each table with more than one owner path by
 * foreign keys, or with none, so that the call makes the same elsewhere.  An open question gets its
 * likeliest answer.  `registered` are the owner paths (OwnerPath) of tables that are cloned
 * already.
 */
extern char *tree_call_text(const Tree *tree, const struct List *registered, const char *uid_column,
							const char *release);

#endif /* PG_GRAY_CLONE_TREE_CALL_H */
