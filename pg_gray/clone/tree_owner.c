/*
 * tree_owner.c: finds the owner path of each table of a tree
 *
 * A choice of the caller goes first.  Otherwise, if there are several paths by foreign keys, only
 * paths that hold for every row count.  For example "refunded_by", which may be null, does not
 * count beside "order_id".  Among the paths that count, a column that holds the uid goes before a
 * path by foreign keys, and a path to a table nearer to the root goes before others.  If this does
 * not decide, the caller is asked.
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/clone_choice.h"
#include "clone/tree_owner.h"
#include "owner/owner_choice.h"
#include "owner/owner_path.h"
#include "postgres/relation.h"

/*
 * A path of a smaller rank goes before a path of a greater rank.  A table outside the tree counts
 * as a root.
 */
static int
rank(const Tree *tree, const OwnerPath *path)
{
	const TreeTable *parent = tree_table(tree, path->parent);

	if (path->uid_attnum != 0)
		return -1;
	return parent == NULL ? 0 : parent->distance;
}

/*
 * The only candidate, or else the path of the smallest rank among the paths that hold for every
 * row.  Null if there is no such path, or if two have this rank.
 */
static OwnerPath *
choose(const Tree *tree, const List *candidates)
{
	OwnerPath *first = NULL;
	bool	   tied = false;
	ListCell  *cell;

	if (list_length(candidates) == 1)
		return linitial(candidates);
	foreach(cell, candidates)
	{
		OwnerPath *path = lfirst(cell);
		int		   difference;

		if (!owner_path_is_complete(path))
			continue;
		difference = first == NULL ? -1 : rank(tree, path) - rank(tree, first);
		if (difference < 0)
			first = path;
		tied = difference == 0 || (difference > 0 && tied);
	}
	return tied ? NULL : first;
}

/*
 * The candidates without each path to a table that itself leads to the root only through this
 * table.
 */
static List *
without_circles(const Tree *tree, const TreeTable *table, const List *candidates)
{
	List	 *straight = NIL;
	ListCell *cell;

	foreach(cell, candidates)
	{
		OwnerPath		*path = lfirst(cell);
		const TreeTable *parent = tree_table(tree, path->parent);

		if (parent == NULL || parent->distance < table->distance ||
			tree_leads_past(tree, parent, table->relation))
			straight = lappend(straight, path);
	}
	return straight;
}

/*
 * Choices of the caller
 */

static void
raise_no_path(const TreeTable *table, const Choice *choice)
{
	if (table->candidates == NIL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("\"%s\" in choices is no owner path of table %s", choice->path,
							   table->name),
						errhint("Name a column of the table that holds the uid.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("\"%s\" in choices is no owner path of table %s", choice->path, table->name),
			 errdetail("Its rows belong to their users by %s.",
					   owner_path_choices(table->candidates)),
			 errhint("Name one of these, or a column of the table that holds the uid.")));
}

static bool
contains(const List *paths, const OwnerPath *path)
{
	ListCell *cell;

	foreach(cell, paths)
	{
		if (owner_path_same(lfirst(cell), path))
			return true;
	}
	return false;
}

/*
 * The path that a column stands for: its foreign key if the key leads to a known table, or else the
 * column itself.
 */
static OwnerPath *
path_by_column(const TreeTable *table, const Choice *choice, const List *known,
			   const OwnerRule *rule)
{
	AttrNumber attnum = get_attnum(table->relation, choice->path);
	OwnerRule  said = *rule;
	List	  *paths;
	OwnerPath *path;

	if (attnum <= 0)
		raise_no_path(table, choice);
	said.holds_uid = choice->holds_uid;
	paths = owner_path_with_column(table->relation, attnum, known);
	if (list_length(paths) > 1)
		ereport(ERROR, (errcode(ERRCODE_AMBIGUOUS_PARAMETER),
						errmsg("\"%s\" in choices is in more than one owner path of table %s",
							   choice->path, table->name),
						errdetail("They are %s.", owner_path_choices(paths)),
						errhint("Name the path as it stands here, or another of its columns.")));
	path = paths != NIL ? linitial(paths)
						: owner_choice_by_column(table->relation, choice->path, known, &said);
	if (path->uid_attnum == 0 &&
		(choice->holds_uid || !(path->of_partitions || contains(table->candidates, path))))
		raise_no_path(table, choice);
	return path;
}

static OwnerPath *
chosen_path(const TreeTable *table, const Choice *choice, const List *known, const OwnerRule *rule)
{
	ListCell *cell;

	foreach(cell, table->candidates)
	{
		if (strcmp(owner_path_text(lfirst(cell)), choice->path) == 0)
			return lfirst(cell);
	}
	return path_by_column(table, choice, known, rule);
}

static void
refuse_other_path(const TreeTable *table, const OwnerPath *registered, const OwnerPath *chosen)
{
	if (!owner_path_same(registered, chosen))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("table %s is cloned already with another owner path", table->name),
						errdetail("A row leads to its user by %s.", owner_path_text(registered)),
						errhint("Choose that in choices, or drop the release.")));
}

/*
 * All tables
 */

/*
 * The owner paths of all tables that others may lead to.  A path without an owner yet has only its
 * table.
 */
static List *
all_known(const Tree *tree, List *registered)
{
	List	 *known = list_copy(registered);
	ListCell *cell;

	foreach(cell, tree->tables)
	{
		const TreeTable *table = lfirst(cell);
		OwnerPath		*unknown;

		if (owner_path_find(registered, table->relation) != NULL)
			continue;
		unknown = palloc0(sizeof(OwnerPath));
		unknown->table = table->relation;
		known = lappend(known, unknown);
	}
	return known;
}

static void
assign(const Tree *tree, TreeTable *table, List *known, List *registered, const Choice *choice,
	   const OwnerRule *rule)
{
	OwnerPath *chosen = NULL;

	table->candidates = without_circles(tree, table, owner_path_candidates(table->relation, known));
	table->owner = owner_path_find(registered, table->relation);
	if (choice != NULL)
		chosen = chosen_path(table, choice, known, rule);
	if (chosen != NULL && table->owner != NULL)
		refuse_other_path(table, table->owner, chosen);
	table->is_chosen = chosen != NULL;
	if (table->owner == NULL)
		table->owner = chosen != NULL ? chosen : choose(tree, table->candidates);
}

/*
 * Two rounds are needed: the first round does not know yet which column of a later table holds the
 * uid.
 */
void
tree_owner_assign(Tree *tree, List *registered, OwnerPath *root, const List *choices,
				  const char *release)
{
	List	 *known = all_known(tree, registered);
	OwnerRule rule = {.release = release, .in_tree = true};

	if (root->uid_attnum != 0)
		rule.uid_type = owner_path_uid_type(root);
	for (int round = 0; round < 2; round++)
	{
		ListCell *cell;

		foreach(cell, tree->tables)
		{
			TreeTable *table = lfirst(cell);

			if (table->distance == 0)
				table->owner = root;
			else
				assign(tree, table, known, registered, choice_find(choices, table->relation), &rule);
			if (table->owner != NULL)
				*owner_path_find(known, table->relation) = *table->owner;
		}
	}
	tree_sort_owners(tree);
}
