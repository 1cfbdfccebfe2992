/*
 * clone_tree.c: gray_clone_tree, which clones a table and all tables that lead to it
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/bookkeeping.h"
#include "clone/clone.h"
#include "clone/clone_allowed.h"
#include "clone/clone_choice.h"
#include "clone/clone_preview.h"
#include "clone/clone_question.h"
#include "clone/clone_view.h"
#include "clone/tree_call.h"
#include "clone/tree_cloning.h"
#include "clone/tree_owner.h"
#include "clone/view.h"
#include "clone/view_plan.h"
#include "clone/view_reader.h"
#include "owner/owner_choice.h"
#include "owner/owner_outside.h"
#include "owner/owner_path.h"
#include "postgres/relation.h"
#include "postgres/subtransaction.h"
#include "release/ownership.h"
#include "release/privilege.h"
#include "release/release.h"
#include "user/call.h"

PG_FUNCTION_INFO_V1(gray_clone_tree);

/*
 * The tables to be cloned
 */

/*
 * The owner path of the root, by its uid column.  Raises when the root is already cloned by another
 * path.
 */
static OwnerPath *
root_owner(const TreeCloning *cloning, Oid root)
{
	const Release *release = cloning->call.release;
	OwnerPath	  *owner = owner_path_find(cloning->registered, root);
	OwnerRule rule = {.release = release->name, .uid_type = release->uid_type, .holds_uid = true};

	if (owner == NULL)
		return owner_choice_by_column(root, cloning->uid_column, cloning->registered, &rule);
	if (owner->uid_attnum == 0 || owner->uid_attnum != get_attnum(root, cloning->uid_column))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("table \"%s\" is cloned already with another owner path",
							   get_rel_name(root)),
						errdetail("A row leads to its user by %s.", owner_path_text(owner)),
						errhint("Name that column, or drop the release.")));
	return owner;
}

static void
raise_contradiction(Oid table, const char *message, const char *hint)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("table %s %s", relation_name(table), message), errhint("%s", hint)));
}

/*
 * Raise if the arguments contradict each other about a table, or contradict what is cloned already.
 */
static void
check_arguments(const TreeCloning *cloning, Oid root)
{
	const Choice *choice = choice_find(cloning->choices, root);
	ListCell	 *cell;

	if (choice != NULL && strcmp(choice->path, cloning->uid_column) != 0)
		raise_contradiction(root, "has one column as its uid column, and another in choices",
							"Leave the root out of choices.");
	foreach(cell, cloning->left_out)
	{
		Oid table = lfirst_oid(cell);

		if (table == root)
			raise_contradiction(table, "is the root, and can't be left out", "Name another root.");
		if (choice_find(cloning->choices, table) != NULL)
			raise_contradiction(table, "is in choices and in leave_out", "Name it in one of them.");
		if (owner_path_find(cloning->registered, table) != NULL)
			raise_contradiction(table, "is in leave_out, but cloned already",
								"Drop the release, or name the table no more.");
	}
}

typedef struct ClonableCheck
{
	const TreeCloning *cloning;
	Oid				   relation;
} ClonableCheck;

static void
check_clonable(void *argument)
{
	const ClonableCheck *check = argument;
	const TreeCloning	*cloning = check->cloning;

	clonable_check(cloning->call.release, cloning->owner, check->relation,
				   cloning->call.before.user);
}

/*
 * Raise if the root can't be cloned.  The problems of other tables are kept in the tree, so that
 * one error tells all of them.
 */
static void
find_problems(const TreeCloning *cloning)
{
	ListCell *cell;

	foreach(cell, cloning->tree->tables)
	{
		TreeTable	 *table = lfirst(cell);
		ClonableCheck check = {.cloning = cloning, .relation = table->relation};

		if (owner_path_find(cloning->registered, table->relation) != NULL)
			continue;
		if (table->distance == 0)
			check_clonable(&check);
		else
			table->problem = subtransaction_try(check_clonable, &check);
	}
}

static void
check_path(void *path)
{
	owner_collation_refuse(path);
}

/*
 * Raise if a column of the root's owner path has a collation that is refused.  For other tables
 * keep the problem in the tree.
 */
static void
find_path_problems(const TreeCloning *cloning)
{
	ListCell *cell;

	foreach(cell, cloning->tree->tables)
	{
		TreeTable *table = lfirst(cell);

		if (table->problem != NULL || table->owner == NULL ||
			owner_path_find(cloning->registered, table->relation) != NULL)
			continue;
		if (table->distance == 0)
			check_path(table->owner);
		else
			table->problem = subtransaction_try(check_path, table->owner);
	}
}

/* Version 2 has dropped the gray tables of these, and does not want them anew. */
static void
leave_gone_out(TreeCloning *cloning, const TwinSet *set)
{
	ListCell *cell;

	foreach(cell, set->gone)
	{
		Oid production = ((const GoneTwin *) lfirst(cell))->relation[SIDE_PRODUCTION];

		if (OidIsValid(production))
			cloning->left_out = lappend_oid(cloning->left_out, production);
	}
}

static void
plan(TreeCloning *cloning, Oid root)
{
	TwinSet *set = clone_begin(cloning->call.release);

	cloning->registered = owner_path_registered(set);
	cloning->owner = clone_owner(set, root);
	check_arguments(cloning, root);
	leave_gone_out(cloning, set);
	cloning->tree = tree_find(root, choice_tables(cloning->choices), cloning->left_out);
	find_problems(cloning);
	if (set->count > 0)
		ownership_require(cloning->call.release, cloning->call.before.user, "clone into it");
	tree_owner_assign(cloning->tree, cloning->registered, root_owner(cloning, root),
					  cloning->choices, cloning->call.release->name);
	find_path_problems(cloning);
}

/*
 * Rows
 */

static void
put_problem(const TreeCloning *cloning, const TreeTable *table)
{
	char *way_out = psprintf("leave_out => ARRAY[%s]", quote_literal_cstr(table->name));

	tree_cloning_put(cloning, table->relation, NULL,
					 psprintf("can't be cloned: %s", table->problem->message),
					 table->problem->hint == NULL
						 ? way_out
						 : psprintf("%s Or %s", table->problem->hint, way_out));
}

/*
 * The other answers that the caller may type.  While the owner path is open, one of them must be
 * typed.
 */
static char *
other_answers(const TreeTable *table)
{
	char *answers = table->is_chosen ? NULL : question_answers(table);

	return answers == NULL || table->owner == NULL ? answers : psprintf("or %s", answers);
}

static void
put_table(const TreeCloning *cloning, const TreeTable *table)
{
	char *gray = quote_qualified_identifier(cloning->call.release->gray_schema,
											get_rel_name(table->relation));
	char *owner;
	char *referrer;

	if (table->problem != NULL)
	{
		put_problem(cloning, table);
		return;
	}
	if (table->owner == NULL)
		owner = psprintf("choose: %s", owner_path_choices(table->candidates));
	else
		owner = cloning->is_dry_run ? preview_owner(table->owner) : owner_path_text(table->owner);
	referrer = cloning->is_dry_run ? preview_referrer(table->relation) : NULL;
	if (referrer != NULL)
		owner = psprintf("%s; locked ACCESS EXCLUSIVE, since %s refers to it", owner, referrer);
	tree_cloning_put(cloning, table->relation, gray, owner,
					 cloning->is_dry_run ? other_answers(table) : NULL);
}

/* Return a row for each table of a migration runner that was copied, or would be. */
static void
put_bookkeeping(const TreeCloning *cloning, const List *tables)
{
	Oid		  schema = get_namespace_oid(cloning->call.release->gray_schema, true);
	ListCell *cell;

	foreach(cell, tables)
	{
		const Bookkeeping *table = lfirst(cell);

		if (table->obstacle == NULL &&
			(cloning->is_dry_run ||
			 OidIsValid(get_relname_relid(get_rel_name(table->relation), schema))))
			tree_cloning_put(cloning, table->relation, table->gray,
							 "nobody: copied with its rows, for version 2's migration runner",
							 NULL);
	}
}

/*
 * Return a row for each table that is not cloned yet.  Unless it is a dry run, clone these tables.
 */
static void
clone_tree(const TreeCloning *cloning)
{
	List	 *paths = NIL;
	List	 *bookkeeping = NIL;
	ListCell *cell;

	foreach(cell, cloning->tree->tables)
	{
		const TreeTable *table = lfirst(cell);

		if (owner_path_find(cloning->registered, table->relation) != NULL)
			continue;
		put_table(cloning, table);
		paths = lappend(paths, table->owner);
	}
	if (cloning->registered == NIL)
		bookkeeping = bookkeeping_find(cloning->call.release, paths);
	if (cloning->is_dry_run)
		bookkeeping_tell_left(bookkeeping);
	else
		clone_tables(cloning->call.release, paths);
	put_bookkeeping(cloning, bookkeeping);
}

/* Return a row for each view that follows the tables into the gray schema, or would follow them. */
static void
put_views(const TreeCloning *cloning, const ViewPlan *views)
{
	ListCell *cell;

	foreach(cell, views->views)
	{
		const View *view = lfirst(cell);

		if (view->fate != VIEW_KEEP && view->fate != VIEW_DROPPED)
			tree_cloning_put(cloning, view->reader->relation, view->gray,
							 view_plan_describe(views, view, !cloning->is_dry_run), NULL);
	}
}

/*
 * The function
 */

static void
tell_lost(const TreeCloning *cloning)
{
	StringInfoData names;
	ListCell	  *cell;

	if (cloning->tree->lost == NIL)
		return;
	initStringInfo(&names);
	foreach(cell, cloning->tree->lost)
		appendStringInfo(&names, "%s%s", names.len == 0 ? "" : ", ",
						 ((TreeTable *) lfirst(cell))->name);
	ereport(NOTICE, (errmsg("left out, too: %s", names.data),
					 errdetail("They lead to %s only through tables that are left out.",
							   ((TreeTable *) linitial(cloning->tree->tables))->name)));
}

/* Read the arguments.  Their names are looked up under the caller's search_path. */
static void
read_arguments(TreeCloning *cloning, FunctionCallInfo fcinfo)
{
	call_refuse_null(fcinfo, 0, "root");
	call_refuse_null(fcinfo, 1, "uid_column");
	call_refuse_null(fcinfo, 2, "dry_run");
	cloning->fcinfo = fcinfo;
	cloning->uid_column = call_name(fcinfo, 1);
	cloning->is_dry_run = PG_GETARG_BOOL(2);
	if (!PG_ARGISNULL(3))
		cloning->choices = choice_parse(PG_GETARG_DATUM(3));
	if (!PG_ARGISNULL(4))
		cloning->left_out = choice_parse_tables(PG_GETARG_DATUM(4));
}

Datum
gray_clone_tree(PG_FUNCTION_ARGS)
{
	TreeCloning cloning = {0};

	read_arguments(&cloning, fcinfo);
	rows_begin(fcinfo);
	call_begin(&cloning.call, fcinfo, 5);
	plan(&cloning, PG_GETARG_OID(0));
	if (!cloning.is_dry_run && question_is_left(cloning.tree))
		question_raise(cloning.tree, tree_cloning_call(&cloning));
	clone_tree(&cloning);
	if (cloning.is_dry_run)
	{
		put_views(&cloning, preview_views(&cloning));
		preview_put(&cloning);
	}
	else
	{
		tell_lost(&cloning);
		put_views(&cloning, view_clone_all(cloning.call.release, cloning.call.before.user));
		privilege_share_usage(cloning.call.release);
	}
	call_end(&cloning.call);
	return (Datum) 0;
}
