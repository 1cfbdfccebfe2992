/*
 * clone_tree.c: cloning a table and all tables that lead to it
 */
#include "postgres.h"

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "call.h"
#include "clonable.h"
#include "clone.h"
#include "owner_path.h"
#include "preview.h"
#include "privilege.h"
#include "reader.h"
#include "release.h"
#include "rows.h"
#include "tree_owner.h"
#include "view.h"
#include "view_clone.h"

PG_FUNCTION_INFO_V1(gray_clone_tree);

/*
 * The calls that clone what this path leads through, and then its table; those
 * cloned already are left out.  Beyond a table that is to be chosen for itself
 * the line is a comment, since its calls would not mean what they say.
 */
static void
append_calls(StringInfo calls, const Tree *tree, const List *registered, const OwnerPath *path,
			 const List *candidates, const char *release)
{
	const TreeTable *parent = path->uid_attnum == 0 ? tree_table(tree, path->parent) : NULL;

	if (parent != NULL && owner_path_find(registered, parent->relation) == NULL)
	{
		if (parent->owner != NULL)
			append_calls(calls, tree, registered, parent->owner, parent->candidates, release);
		else
			appendStringInfo(calls, "-- once %s is cloned:", parent->name);
		appendStringInfoChar(calls, ' ');
	}
	appendStringInfoString(calls, owner_path_call(path, candidates, release));
}

static void
raise_ambiguous(const Tree *tree, const List *registered, const TreeTable *table,
				const Release *release)
{
	StringInfoData calls;
	ListCell	  *cell;

	initStringInfo(&calls);
	foreach(cell, table->candidates)
	{
		appendStringInfoChar(&calls, '\n');
		append_calls(&calls, tree, registered, lfirst(cell), table->candidates, release->name);
	}
	ereport(ERROR,
			(errcode(ERRCODE_AMBIGUOUS_PARAMETER),
			 errmsg("table %s has more than one possible owner path", table->name),
			 errdetail("A row belongs to one user, by %s.", owner_path_choices(table->candidates)),
			 errhint("Choose one of these lines, then call gray_clone_tree again:%s", calls.data)));
}

static void
refuse_ambiguous(const Tree *tree, const List *registered, const Release *release)
{
	ListCell *cell;

	foreach(cell, tree->tables)
	{
		const TreeTable *table = lfirst(cell);

		if (table->owner == NULL)
			raise_ambiguous(tree, registered, table, release);
	}
}

/* The root's uid column; when the root is cloned already it must be the same. */
static OwnerPath *
root_owner(Oid root, const char *uid_column, const List *registered, const Release *release)
{
	OwnerPath *owner = owner_path_find(registered, root);

	if (owner == NULL)
		return owner_path_by_column(root, uid_column, registered, release->name, release->uid_type);
	if (owner->uid_attnum == 0 || owner->uid_attnum != get_attnum(root, uid_column))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("table \"%s\" is cloned already with another owner path",
							   get_rel_name(root)),
						errdetail("A row leads to its user by %s.", owner_path_text(owner)),
						errhint("Name that column, or drop the release.")));
	return owner;
}

static char *
describe_owner(FunctionCallInfo fcinfo, const TreeTable *table)
{
	if (table->owner == NULL)
		return psprintf("choose: %s", owner_path_choices(table->candidates));
	return PG_GETARG_BOOL(2) ? preview_owner(table->owner) : owner_path_text(table->owner);
}

static void
put_table(FunctionCallInfo fcinfo, const TreeTable *table, const Release *release)
{
	char *values[] = {
		psprintf("%u", table->relation),
		quote_qualified_identifier(release->gray_schema, get_rel_name(table->relation)),
		describe_owner(fcinfo, table),
	};

	rows_put(fcinfo, values);
}

/* Show, and unless it is a dry run clone, what is not cloned yet. */
static void
clone_tree(FunctionCallInfo fcinfo, const Tree *tree, const List *registered, Release *release)
{
	List	 *paths = NIL;
	ListCell *cell;

	foreach(cell, tree->tables)
	{
		const TreeTable *table = lfirst(cell);

		if (owner_path_find(registered, table->relation) != NULL)
			continue;
		put_table(fcinfo, table, release);
		paths = lappend(paths, table->owner);
	}
	if (!PG_GETARG_BOOL(2))
		clone_tables(release, paths);
}

static ViewPlan *
plan_views(const ReleaseCall *call, const Tree *tree, const List *registered)
{
	List	 *tables = NIL;
	ListCell *cell;

	foreach(cell, registered)
		tables = lappend_oid(tables, ((OwnerPath *) lfirst(cell))->table);
	foreach(cell, tree->tables)
		tables = list_append_unique_oid(tables, ((TreeTable *) lfirst(cell))->relation);
	return view_plan(call->release, tables, call->before.user);
}

/* What follows the tables, cloned or to be cloned, into the gray schema. */
static void
put_views(FunctionCallInfo fcinfo, const ViewPlan *plan, bool is_made)
{
	ListCell *cell;

	foreach(cell, plan->views)
	{
		const View *view = lfirst(cell);
		char	   *values[] = {psprintf("%u", view->reader->relation), view->gray,
								view_describe(plan, view, is_made)};

		if (view->fate != VIEW_KEEP && view->fate != VIEW_DROPPED)
			rows_put(fcinfo, values);
	}
}

/* What stays, told by a dry run. */
static void
put_outside(FunctionCallInfo fcinfo, const Tree *tree, const List *registered)
{
	ListCell *cell;

	foreach(cell, preview_outside(tree, registered))
	{
		char *values[] = {psprintf("%u", lfirst_oid(cell)), NULL,
						  "nobody: not cloned, gray tables refer to production's"};

		rows_put(fcinfo, values);
	}
}

static void
check_clonable(const Tree *tree, const List *registered, Oid owner, const ReleaseCall *call)
{
	ListCell *cell;

	foreach(cell, tree->tables)
	{
		Oid relation = ((TreeTable *) lfirst(cell))->relation;

		if (owner_path_find(registered, relation) == NULL)
			clonable_check(call->release, owner, relation, call->before.user);
	}
}

Datum
gray_clone_tree(PG_FUNCTION_ARGS)
{
	ReleaseCall call;
	TwinSet	   *set;
	List	   *registered;
	Tree	   *tree;
	Oid			root;
	Oid			owner;

	call_refuse_null(fcinfo, 0, "root");
	call_refuse_null(fcinfo, 1, "uid_column");
	call_refuse_null(fcinfo, 2, "dry_run");
	root = PG_GETARG_OID(0);
	rows_begin(fcinfo);
	call_begin(&call, fcinfo, 3);
	set = clone_begin(call.release);
	registered = owner_path_registered(set);
	owner = clone_owner(set, root);
	tree = tree_find(root);
	check_clonable(tree, registered, owner, &call);
	tree_owner_assign(tree, registered,
					  root_owner(root, call_name(fcinfo, 1), registered, call.release));
	if (!PG_GETARG_BOOL(2))
		refuse_ambiguous(tree, registered, call.release);
	clone_tree(fcinfo, tree, registered, call.release);
	if (PG_GETARG_BOOL(2))
	{
		put_views(fcinfo, plan_views(&call, tree, registered), false);
		put_outside(fcinfo, tree, registered);
	}
	else
	{
		put_views(fcinfo, view_clone_all(call.release, call.before.user), true);
		privilege_share_usage(call.release);
	}
	call_end(&call);
	return (Datum) 0;
}
