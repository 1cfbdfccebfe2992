/*
 * view.c: which views follow the tables of a release into its gray schema
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "path.h"
#include "query.h"
#include "reader.h"
#include "relation.h"
#include "release.h"
#include "role.h"
#include "view.h"

/*
 * Paths
 */

/*
 * The path for definitions of a view, or, with null, of any: first the schemas of what it
 * reads, so that their names are not hidden by others, then those of all tables, and then
 * those of all views.  The schema of temporary tables comes last, and not, as when it is
 * not named, first.
 */
static char *
make_path(const ViewPlan *plan, const Reader *reader, Side side)
{
	List *relations =
		reader == NULL ? NIL : lappend_oid(list_copy(reader->reads), reader->relation);
	TwinSet	  set = {0};
	ListCell *cell;

	relations = list_concat(relations, plan->tables);
	foreach (cell, plan->readers)
		relations = lappend_oid(relations, ((Reader *) lfirst(cell))->relation);
	set.twins = palloc0(sizeof(Twin) * Max(list_length(relations), 1));
	foreach (cell, relations)
		set.twins[set.count++].relation[SIDE_PRODUCTION] = lfirst_oid(cell);
	return psprintf("%s, pg_temp", path_of(plan->release, &set, side));
}

/*
 * The registry
 */

char *
view_definition(unsigned int twin)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(twin));
	if (query_run("SELECT concat_ws(E'\\n', pg_get_viewdef(c.oid),"
				  " array_to_string(c.reloptions, ', '),"
				  " (SELECT string_agg(pg_get_ruledef(r.oid), E'\\n' ORDER BY r.rulename)"
				  " FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN'))"
				  " FROM pg_class c WHERE c.oid = $1 AND c.relkind = 'v'",
				  &args) == 0)
		return NULL;
	return query_text(0, 1);
}

/* The definition that gray_clone left of this view's twin; null: it made none. */
static char *
registered_definition(const Release *release, const Reader *reader)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_text(&args, reader->name);
	if (query_run("SELECT definition FROM gray.release_view"
				  " WHERE release_id = $1 AND production = $2",
				  &args) == 0)
		return NULL;
	return query_text(0, 1);
}

/* The production relation whose twin has this name in gray; null: it is the user's. */
static char *
registered_production(const Release *release, const char *gray)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_text(&args, gray);
	if (query_run("SELECT production FROM gray.release_view WHERE release_id = $1 AND gray = $2"
				  " UNION ALL"
				  " SELECT production FROM gray.release_table WHERE release_id = $1 AND gray = $2",
				  &args) == 0)
		return NULL;
	return query_text(0, 1);
}

char *
view_registered(const Release *release)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_run("SELECT string_agg(v.gray, ', ' ORDER BY v.gray) FROM gray.release_view v"
			  " JOIN pg_class c ON c.oid = to_regclass(v.gray)"
			  " WHERE v.release_id = $1 AND c.relkind = 'v'",
			  &args);
	return query_text(0, 1);
}

/*
 * Twins
 */

static Oid
twin_by_name(const Release *release, Oid relation)
{
	char *name = get_rel_name(relation);

	if (name == NULL)
		return InvalidOid;
	return get_relname_relid(name, get_namespace_oid(release->gray_schema, false));
}

static View *
find_view(const ViewPlan *plan, Oid relation)
{
	ListCell *cell;

	foreach (cell, plan->views)
	{
		View *view = lfirst(cell);

		if (view->reader->relation == relation)
			return view;
	}
	return NULL;
}

/* Does version 2 find this relation of production, or its partition, in gray? */
static bool
has_twin(const ViewPlan *plan, Oid relation)
{
	const View *view = find_view(plan, relation);

	if (view != NULL)
		return OidIsValid(view->twin) || view->fate == VIEW_CREATE;
	return list_member_oid(plan->tables, relation) ||
		   OidIsValid(twin_by_name(plan->release, relation));
}

/* Those that views of production read which the release is about. */
static bool
is_of_production(const ViewPlan *plan, Oid relation)
{
	ListCell *cell;

	if (list_member_oid(plan->tables, relation))
		return true;
	foreach (cell, plan->readers)
	{
		const Reader *reader = lfirst(cell);

		if (reader->relation == relation || list_member_oid(reader->reads, relation))
			return true;
	}
	return false;
}

unsigned int
view_reads_production(const ViewPlan *plan, unsigned int twin)
{
	ListCell *cell;

	foreach (cell, reader_reads(twin))
	{
		if (is_of_production(plan, lfirst_oid(cell)) && has_twin(plan, lfirst_oid(cell)))
			return lfirst_oid(cell);
	}
	return InvalidOid;
}

/*
 * Obstacles
 */

static void
set_obstacle(View *view, char *obstacle, char *hint)
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
		set_obstacle(view,
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
	foreach (cell, relations)
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
		set_obstacle(view,
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

	foreach (cell, plan->schemas)
	{
		Oid other =
			lfirst_oid(cell) == schema ? InvalidOid : get_relname_relid(name, lfirst_oid(cell));

		if (OidIsValid(other))
			return other;
	}
	return InvalidOid;
}

/* In gray the name would be seen before that of a relation which version 2 may mean. */
static void
find_namesake(const ViewPlan *plan, View *view)
{
	Oid	  relation = view->reader->relation;
	Oid	  other = namesake(plan, relation);
	char *path = make_path(plan, NULL, SIDE_PRODUCTION);
	char *hint = psprintf("Create a view of another name in %s, and have version 2 use it.",
						  quote_identifier(plan->release->gray_schema));

	if (OidIsValid(other))
		set_obstacle(view, psprintf("%s has its name too", relation_name(other)), hint);
	else if (OidIsValid(hidden_relation(list_make1_oid(relation), path)))
		set_obstacle(view, psprintf("another relation hides its name in search_path %s", path),
					 hint);
}

static void
find_lonely(const ViewPlan *plan, View *view)
{
	ListCell *cell;

	foreach (cell, view->reader->reads)
	{
		const Reader *other = reader_get(plan->readers, lfirst_oid(cell));

		if (other != NULL && !has_twin(plan, other->relation))
			set_obstacle(view, psprintf("it reads %s, which has no twin in gray", other->name),
						 psprintf("Create that twin, and then clone again."));
	}
}

/* `owned` is the view, or the twin that is to be replaced. */
static void
find_obstacle(const ViewPlan *plan, View *view, Oid owned, Oid caller)
{
	find_stranger(view, owned, caller);
	if (view->obstacle == NULL)
		find_namesake(plan, view);
	if (view->obstacle == NULL)
		find_hidden(view);
	if (view->obstacle == NULL)
		find_lonely(plan, view);
}

/*
 * The plan
 */

static void
decide_registered(const ViewPlan *plan, View *view, const char *definition, Oid caller)
{
	char *present = OidIsValid(view->twin) ? view_definition(view->twin) : NULL;

	view->fate = OidIsValid(view->twin) ? VIEW_KEEP : VIEW_DROPPED;
	if (present == NULL || strcmp(present, definition) != 0 ||
		!OidIsValid(view_reads_production(plan, view->twin)))
		return;
	find_obstacle(plan, view, view->twin, caller);
	view->fate = view->obstacle == NULL ? VIEW_REPLACE : VIEW_IMPOSSIBLE;
}

static void
decide_new(const ViewPlan *plan, View *view, Oid caller)
{
	char *other;

	view->fate = VIEW_KEEP;
	if (!OidIsValid(view->twin))
	{
		find_obstacle(plan, view, view->reader->relation, caller);
		view->fate = view->obstacle == NULL ? VIEW_CREATE : VIEW_IMPOSSIBLE;
	}
	else if ((other = registered_production(plan->release, view->gray)) != NULL)
	{
		set_obstacle(view, psprintf("%s is the twin of %s already", view->gray, other),
					 psprintf("Create a view of another name in %s, and have version 2 use it.",
							  quote_identifier(plan->release->gray_schema)));
		view->fate = VIEW_IMPOSSIBLE;
	}
}

static void
decide(ViewPlan *plan, const Reader *reader, Oid caller)
{
	View *view = palloc0(sizeof(View));
	char *definition = registered_definition(plan->release, reader);

	for (Side side = SIDE_PRODUCTION; side <= SIDE_GRAY; side++)
		view->path[side] = make_path(plan, reader, side);
	view->reader = reader;
	view->gray =
		quote_qualified_identifier(plan->release->gray_schema, get_rel_name(reader->relation));
	view->twin = twin_by_name(plan->release, reader->relation);
	if (definition != NULL)
		decide_registered(plan, view, definition, caller);
	else
		decide_new(plan, view, caller);
	plan->views = lappend(plan->views, view);
}

List *
view_tables(const TwinSet *set)
{
	List *tables = NIL;

	for (int i = 0; i < set->count; i++)
		tables = lappend_oid(tables, set->twins[i].relation[SIDE_PRODUCTION]);
	return tables;
}

ViewPlan *
view_plan(const Release *release, List *tables, unsigned int caller)
{
	ViewPlan *plan = palloc0(sizeof(ViewPlan));
	ListCell *cell;

	plan->release = release;
	plan->tables = tables;
	foreach (cell, tables)
		plan->schemas = list_append_unique_oid(plan->schemas, get_rel_namespace(lfirst_oid(cell)));
	plan->readers = reader_find(reader_with_partitions(tables));
	foreach (cell, plan->readers)
	{
		if (!((Reader *) lfirst(cell))->is_materialized)
			decide(plan, lfirst(cell), caller);
	}
	return plan;
}

char *
view_describe(const ViewPlan *plan, const View *view)
{
	if (view->fate == VIEW_IMPOSSIBLE)
		return psprintf("not cloned: %s", view->obstacle);
	return psprintf("view on %s%s", reader_tables(plan->readers, view->reader),
					view->fate == VIEW_REPLACE ? ", made anew" : "");
}
