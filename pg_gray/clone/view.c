/*
 * view.c: which views follow the tables of a release into its gray schema
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/view.h"
#include "clone/view_obstacle.h"
#include "clone/view_reader.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/release.h"
#include "release/search_path.h"

/*
 * Paths
 */

/* Append one relation of each schema that is not among those of `places`. */
static List *
append_places(List *places, const List *relations)
{
	List	 *schemas = NIL;
	ListCell *cell;

	foreach(cell, places)
		schemas = lappend_oid(schemas, get_rel_namespace(lfirst_oid(cell)));
	foreach(cell, relations)
	{
		Oid schema = get_rel_namespace(lfirst_oid(cell));

		if (list_member_oid(schemas, schema))
			continue;
		schemas = lappend_oid(schemas, schema);
		places = lappend_oid(places, lfirst_oid(cell));
	}
	return places;
}

char *
view_path(const ViewPlan *plan, const Reader *reader, Side side)
{
	List	 *places = NIL;
	TwinSet	  set = {0};
	ListCell *cell;

	if (reader != NULL)
		places = append_places(places, lappend_oid(list_copy(reader->reads), reader->relation));
	places = append_places(places, plan->places);
	set.twins = palloc0(sizeof(Twin) * Max(list_length(places), 1));
	foreach(cell, places)
		set.twins[set.count++].relation[SIDE_PRODUCTION] = lfirst_oid(cell);
	return search_path_of(plan->release, &set, side);
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

	foreach(cell, plan->views)
	{
		View *view = lfirst(cell);

		if (view->reader->relation == relation)
			return view;
	}
	return NULL;
}

bool
view_has_twin(const ViewPlan *plan, unsigned int relation)
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
	foreach(cell, plan->readers)
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

	foreach(cell, reader_reads(twin))
	{
		if (is_of_production(plan, lfirst_oid(cell)) && view_has_twin(plan, lfirst_oid(cell)))
			return lfirst_oid(cell);
	}
	return InvalidOid;
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
	view_obstacle_find(plan, view, view->twin, caller);
	view->fate = view->obstacle == NULL ? VIEW_REPLACE : VIEW_IMPOSSIBLE;
}

static void
decide_new(const ViewPlan *plan, View *view, Oid caller)
{
	char *other;

	view->fate = VIEW_KEEP;
	if (!OidIsValid(view->twin))
	{
		view_obstacle_find(plan, view, view->reader->relation, caller);
		view->fate = view->obstacle == NULL ? VIEW_CREATE : VIEW_IMPOSSIBLE;
	}
	else if ((other = registered_production(plan->release, view->gray)) != NULL)
	{
		view_obstacle_set(view, psprintf("%s is the twin of %s already", view->gray, other),
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
		view->path[side] = view_path(plan, reader, side);
	view->reader = reader;
	view->is_registered = definition != NULL;
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
	plan->readers = reader_find(reader_with_partitions(tables));
	plan->table_places = append_places(NIL, tables);
	plan->places = append_places(list_copy(plan->table_places), reader_relations(plan->readers));
	foreach(cell, plan->readers)
	{
		if (!((Reader *) lfirst(cell))->is_materialized)
			decide(plan, lfirst(cell), caller);
	}
	return plan;
}

char *
view_describe(const ViewPlan *plan, const View *view, bool is_made)
{
	char *call = is_made ? NULL : view_row_call(plan, view->reader->relation);

	if (view->fate == VIEW_IMPOSSIBLE)
		return psprintf("not cloned: %s", view->obstacle);
	return psprintf("view on %s%s%s", reader_tables(plan->readers, view->reader),
					view->fate == VIEW_REPLACE ? ", made anew" : "",
					call == NULL ? "" : psprintf("; not cloned unless there is %s", call));
}
