/*
 * tree_cloning.h: the arguments and the progress of one call of gray_clone_tree
 */
#ifndef PG_GRAY_CLONE_TREE_CLONING_H
#define PG_GRAY_CLONE_TREE_CLONING_H

#include <stdbool.h>

#include "user/call.h"

struct FunctionCallInfoBaseData;
struct List;
struct Tree;

typedef struct TreeCloning
{
	ReleaseCall call;

	struct FunctionCallInfoBaseData *fcinfo;

	bool		 is_dry_run;
	char		*uid_column;
	struct List *choices;	 /* Choice */
	struct List *left_out;	 /* Oid */
	struct List *registered; /* OwnerPath of each table that is cloned already */
	unsigned int owner;		 /* Oid of the role that owns all tables */
	struct Tree *tree;
} TreeCloning;

/*
 * Return a row of gray_clone_tree.  `gray` is null for a table that is not cloned.  `production` is
 * 0 for a row that is about the whole call.  `hint` is text for the caller to type, or null.
 */
extern void tree_cloning_put(const TreeCloning *cloning, unsigned int production, char *gray,
							 char *owner, char *hint);

/* The call that clones all tables which can be cloned, with answers to all questions; palloc'd. */
extern char *tree_cloning_call(const TreeCloning *cloning);

#endif /* PG_GRAY_CLONE_TREE_CLONING_H */
