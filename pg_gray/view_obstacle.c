/*
 * view_obstacle.c: why a view can't be cloned
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "query.h"
#include "reader.h"
#include "relation.h"
#include "release.h"
#include "role.h"
#include "view.h"
#include "view_obstacle.h"
#include "view_row.h"

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

/* The first relation that a path does not show; or 0.  No name is parsed under it here. */
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

/* A hidden name would be printed with its schema, and lead back to production. */
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

/* A relation of the same name in another schema that has tables of the release; or 0. */
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
 * The same in any schema of the application, for the view of somebody who can't act as the owner of the
 * tables: version 2 may have that schema in its search_path, too; or 0.
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

/* In gray the name would be seen before that of a relation which version 2 may mean. */
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

/* PostgreSQL's own words, and what to do. */
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
