/*
 * tree_cloning.h: one call of gray_clone_tree
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
	struct List *registered; /* OwnerPath: of tables cloned already */
	unsigned int owner;		 /* Oid of a role: of all tables */
	struct Tree *tree;
} TreeCloning;

/*
 * Return a row.  `gray` is null for what is not cloned, and `production` 0 for what is about
 * all; `hint` says what to type, if anything.
 */
extern void tree_cloning_put(const TreeCloning *cloning, unsigned int production, char *gray,
							 char *owner, char *hint);

/* The call that makes all of it which can be cloned, with answers to all questions; palloc'd. */
extern char *tree_cloning_call(const TreeCloning *cloning);

#endif /* PG_GRAY_CLONE_TREE_CLONING_H */
