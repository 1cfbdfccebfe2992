/*
 * tree_call.h: the call of gray_clone_tree that makes a tree again
 */
#ifndef PG_GRAY_CLONE_TREE_CALL_H
#define PG_GRAY_CLONE_TREE_CALL_H

#include "clone/tree.h"

/* "public.messages": "from_id", as choices takes it; palloc'd. */
extern char *tree_call_member(const TreeTable *table, const struct OwnerPath *path);

/* choices => '{"public.messages": "from_id"}'; palloc'd. */
extern char *tree_call_choice(const TreeTable *table, const struct OwnerPath *path);

/*
 * The whole call, with a choice for each table that has more than one owner path or none by
 * foreign keys, so that it makes the same elsewhere.  A question that is open gets its
 * likeliest answer.  `registered` are the tables cloned already (OwnerPath).
 */
extern char *tree_call_text(const Tree *tree, const struct List *registered, const char *uid_column,
							const char *release);

#endif /* PG_GRAY_CLONE_TREE_CALL_H */
