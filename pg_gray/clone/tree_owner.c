/*
 * tree_owner.c: how each table of a tree leads to its uid
 *
 * What people chose goes first.  Else, where several foreign keys lead there, only those
 * count that say so for every row ("refunded_by", which may be null, does not, next to
 * "order_id"); of these a column that holds the uid goes before a path, and the path to the
 * table nearest to the root before others.  Where that is no answer, people are asked.
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

/* Smaller goes before greater; a table beside the tree counts as a root. */
static int
rank(const Tree *tree, const OwnerPath *path)
{
	const TreeTable *parent = tree_table(tree, path->parent);

	if (path->uid_attnum != 0)
		return -1;
	return parent == NULL ? 0 : parent->distance;
}

/* The first of those that hold for every row, unless another is as near; or null. */
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

/* Without those that lead to a table which itself leads to the root only through this one. */
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
 * What people chose
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

/* A column stands for its foreign key, if it has one that leads on, or else for itself. */
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
 * All of them
 */

/* Every table that others may lead to; of those without an owner yet no more than that. */
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

/* In two rounds: in the first, it is not known yet which column of a later table holds its uid. */
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
