/*
 * view_obstacle.c: finds the reasons why a view can't be cloned
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "rewrite/rewriteHandler.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "clone/view.h"
#include "clone/view_obstacle.h"
#include "clone/view_reader.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "release/release.h"

void
view_obstacle_set(View *view, char *obstacle, char *hint)
{
	view->obstacle = obstacle;
	view->hint = hint;
}

static void
find_stranger(View *view, Oid owned, Oid caller)
{
	Oid	  owner = relation_owner(owned);
	char *name = GetUserNameFromId(owner, false);

	if (!has_privs_of_role(caller, owner))
		view_obstacle_set(view,
						  psprintf("it belongs to \"%s\", which \"%s\" is not a member of", name,
								   GetUserNameFromId(caller, false)),
						  psprintf("Clone again as a role that is a member of \"%s\" too, or create %s yourself.",
								   name, view->gray));
}

/*
 * The first relation that is not visible in a search_path, or 0.  No name is parsed under this
 * path.
 */
static Oid
hidden_relation(const List *relations, const char *path)
{
	Oid		   hidden = InvalidOid;
	RoleSwitch before;
	ListCell  *cell;

	role_become(&before, GetUserId());
	role_pin_setting("search_path", path);
	foreach(cell, relations)
	{
		if (!OidIsValid(hidden) && !RelationIsVisible(lfirst_oid(cell)))
			hidden = lfirst_oid(cell);
	}
	role_return(&before);
	return hidden;
}

/*
 * Set an obstacle if the view reads a relation whose name is hidden.  Such a name would be printed
 * with its schema, and gray would read production.
 */
static void
find_hidden(View *view)
{
	Oid hidden = hidden_relation(view->reader->reads, view->path[SIDE_PRODUCTION]);

	if (OidIsValid(hidden))
		view_obstacle_set(view,
						  psprintf("it reads %s, whose name another relation hides in search_path %s",
								   relation_name(hidden), view->path[SIDE_PRODUCTION]),
						  psprintf("Create %s yourself.", view->gray));
}

/* Another relation of the same name in a schema that has tables of the release; or 0. */
static Oid
namesake(const ViewPlan *plan, Oid relation)
{
	Oid		  schema = get_rel_namespace(relation);
	char	 *name = get_rel_name(relation);
	ListCell *cell;

	foreach(cell, plan->table_places)
	{
		Oid place = get_rel_namespace(lfirst_oid(cell));
		Oid other = place == schema ? InvalidOid : get_relname_relid(name, place);

		if (OidIsValid(other))
			return other;
	}
	return InvalidOid;
}

/*
 * As namesake, but for a view whose owner can't act as the owner of the tables.  Then the other
 * relation may be in any schema of the application, since version 2 may have this schema in its
 * search_path, too.
 */
static Oid
namesake_of_stranger(const ViewPlan *plan, Oid relation)
{
	QueryArgs args = {0};

	if (plan->tables == NIL ||
		is_member_of_role(relation_owner(relation), relation_owner(linitial_oid(plan->tables))))
		return InvalidOid;
	query_arg_text(&args, get_rel_name(relation));
	query_arg(&args, OIDOID, ObjectIdGetDatum(get_rel_namespace(relation)));
	return query_run("SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
					 " WHERE c.relname::text = $1 AND n.oid <> $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')"
					 " AND c.relpersistence <> 't' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'gray')"
					 " AND n.nspname NOT IN (SELECT gray_schema FROM gray.release) ORDER BY c.oid LIMIT 1",
					 &args) > 0
			   ? query_oid(0, 1)
			   : InvalidOid;
}

/*
 * Set an obstacle if another relation has the view's name.  Version 2 may mean the other relation,
 * but would find the view in gray first.
 */
static void
find_namesake(const ViewPlan *plan, View *view)
{
	Oid	  relation = view->reader->relation;
	Oid	  other = namesake(plan, relation);
	char *path = view_path(plan, NULL, SIDE_PRODUCTION);
	char *hint = psprintf("Create a view of another name in %s, and have version 2 use it.",
						  quote_identifier(plan->release->gray_schema));

	if (!OidIsValid(other))
		other = namesake_of_stranger(plan, relation);
	if (OidIsValid(other))
		view_obstacle_set(view, psprintf("%s has its name too", relation_name(other)), hint);
	else if (OidIsValid(hidden_relation(list_make1_oid(relation), path)))
		view_obstacle_set(view, psprintf("another relation hides its name in search_path %s", path),
						  hint);
}

void
view_obstacle_find_lonely(const ViewPlan *plan, View *view)
{
	ListCell *cell;

	foreach(cell, view->reader->reads)
	{
		const Reader *other = reader_get(plan->readers, lfirst_oid(cell));

		if (other != NULL && !view_has_twin(plan, other->relation))
			view_obstacle_set(view, psprintf("it reads %s, which has no twin in gray", other->name),
							  pstrdup("Create that twin, and then clone again."));
	}
}

void
view_obstacle_find(const ViewPlan *plan, View *view, unsigned int owned, unsigned int caller)
{
	find_stranger(view, owned, caller);
	if (view->obstacle == NULL)
		find_namesake(plan, view);
	if (view->obstacle == NULL)
		find_hidden(view);
	if (view->obstacle == NULL)
		view_obstacle_find_lonely(plan, view);
}

/* The obstacle is PostgreSQL's message, and the hint says how to go on. */
void
view_obstacle_set_error(const ViewPlan *plan, View *view, const ErrorData *error)
{
	char *call = view_row_call(plan, view->reader->relation);
	char *create =
		psprintf("%s %s AS ...; yourself, of gray's rows, and it is left alone.",
				 view->is_registered ? "CREATE OR REPLACE VIEW" : "CREATE VIEW", view->gray);

	if (call != NULL)
		create =
			psprintf("Gray's rows are of another type: CREATE FUNCTION %s ...; and clone again. Or %s",
					 call, create);
	view_obstacle_set(view,
					  error->detail == NULL ? error->message
											: psprintf("%s (%s)", error->message, error->detail),
					  create);
}

typedef struct Search
{
	const ViewPlan *plan;
	Oid				function; /* the function found; 0: none yet */
	Oid				relation; /* the relation whose rows the function takes */
} Search;

/*
 * The relation whose row type is `declared`, if it has a twin and the argument is printed as a row
 * of it: a whole row, or an expression that is cast to the type by name.  Otherwise 0.
 */
static Oid
row_of(const ViewPlan *plan, const Node *argument, Oid declared)
{
	bool is_named = IsA(argument, Const) || IsA(argument, RowExpr) ||
					(IsA(argument, Var) && ((const Var *) argument)->varattno == 0);
	Oid relation = is_named ? get_typ_typrelid(declared) : InvalidOid;

	if (!OidIsValid(relation) || exprType(argument) != declared)
		return InvalidOid;
	return view_has_twin(plan, relation) ? relation : InvalidOid;
}

static bool
search_call(Node *node, void *context)
{
	Search *search = context;

	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, search_call, context, 0);
	if (IsA(node, FuncExpr))
	{
		const FuncExpr *call = (const FuncExpr *) node;
		int				count;
		Oid			   *declared;
		ListCell	   *cell;

		(void) get_func_signature(call->funcid, &declared, &count);
		foreach(cell, call->args)
		{
			int place = foreach_current_index(cell);

			if (place >= count)
				break;
			search->relation = row_of(search->plan, lfirst(cell), declared[place]);
			search->function = call->funcid;
			if (OidIsValid(search->relation))
				return true;
		}
	}
	return expression_tree_walker(node, search_call, context);
}

char *
view_row_call(const ViewPlan *plan, unsigned int view)
{
	Relation relation = relation_open(view, AccessShareLock);
	Search	 search = {.plan = plan};
	bool	 found = search_call((Node *) get_view_query(relation), &search);

	relation_close(relation, NoLock);
	if (!found)
		return NULL;
	return psprintf("%s(%s)",
					quote_qualified_identifier(get_namespace_name(
												   get_func_namespace(search.function)),
											   get_func_name(search.function)),
					quote_qualified_identifier(plan->release->gray_schema,
											   get_rel_name(search.relation)));
}
