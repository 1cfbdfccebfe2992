/*
 * tree_cloning.c: the rows and the repeated call of gray_clone_tree
 */
#include "postgres.h"

#include "fmgr.h"
#include "nodes/pg_list.h"

#include "clone/clone_choice.h"
#include "clone/tree.h"
#include "clone/tree_call.h"
#include "clone/tree_cloning.h"
#include "clone/tree_owner.h"
#include "owner/owner_path.h"
#include "release/release.h"

static List *
problem_tables(const Tree *tree)
{
	List	 *tables = NIL;
	ListCell *cell;

	foreach(cell, tree->tables)
	{
		if (((TreeTable *) lfirst(cell))->problem != NULL)
			tables = lappend_oid(tables, ((TreeTable *) lfirst(cell))->relation);
	}
	return tables;
}

/* The choices that are still valid when these tables are left out. */
static List *
choices_without(const TreeCloning *cloning, const List *tables)
{
	List	 *choices = NIL;
	ListCell *cell;

	foreach(cell, cloning->choices)
	{
		const Choice	*choice = lfirst(cell);
		const TreeTable *table = tree_table(cloning->tree, choice->table);

		if (table != NULL && !list_member_oid(tables, table->relation) &&
			!list_member_oid(tables, table->owner->parent))
			choices = lappend(choices, lfirst(cell));
	}
	return choices;
}

/* The tree without the tables that can't be cloned. */
static Tree *
clonable_tree(const TreeCloning *cloning)
{
	List	  *problems = problem_tables(cloning->tree);
	TreeTable *root = linitial(cloning->tree->tables);
	List	  *choices;
	Tree	  *tree;

	if (problems == NIL)
		return cloning->tree;
	choices = choices_without(cloning, problems);
	tree = tree_find(root->relation, choice_tables(choices),
					 list_concat(list_copy(cloning->left_out), problems));
	tree_owner_assign(tree, cloning->registered, root->owner, choices, cloning->call.release->name);
	return tree;
}

char *
tree_cloning_call(const TreeCloning *cloning)
{
	return tree_call_text(clonable_tree(cloning), cloning->registered, cloning->uid_column,
						  cloning->call.release->name);
}

void
tree_cloning_put(const TreeCloning *cloning, unsigned int production, char *gray, char *owner,
				 char *hint)
{
	const char *values[] = {OidIsValid(production) ? psprintf("%u", production) : NULL, gray, owner,
							hint};

	rows_put(cloning->fcinfo, values);
}
