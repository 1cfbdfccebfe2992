/*
 * view_plan.c: decides which views follow the tables of a release into its gray schema
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/view_obstacle.h"
#include "clone/view_plan.h"
#include "clone/view_reader.h"
#include "postgres/query.h"
#include "release/release.h"

/* The definition of the view's twin as gray_clone left it.  Null if gray_clone made no twin. */
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

/*
 * The production relation whose registered twin has this name.  Null if the name is not registered:
 * then the relation is the user's.
 */
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
	view->twin = view_twin_by_name(plan->release, reader->relation);
	if (definition != NULL)
		decide_registered(plan, view, definition, caller);
	else
		decide_new(plan, view, caller);
	plan->views = lappend(plan->views, view);
}

ViewPlan *
view_plan_make(const Release *release, List *tables, unsigned int caller)
{
	ViewPlan *plan = palloc0(sizeof(ViewPlan));
	ListCell *cell;

	plan->release = release;
	plan->tables = tables;
	plan->readers = reader_find(reader_with_partitions(tables));
	plan->table_places = view_append_places(NIL, tables);
	plan->places =
		view_append_places(list_copy(plan->table_places), reader_relations(plan->readers));
	foreach(cell, plan->readers)
	{
		if (!((Reader *) lfirst(cell))->is_materialized)
			decide(plan, lfirst(cell), caller);
	}
	return plan;
}

char *
view_plan_describe(const ViewPlan *plan, const View *view, bool is_made)
{
	char *call = is_made ? NULL : view_row_call(plan, view->reader->relation);

	if (view->fate == VIEW_IMPOSSIBLE)
		return psprintf("not cloned: %s", view->obstacle);
	return psprintf("view on %s%s%s", reader_tables(plan->readers, view->reader),
					view->fate == VIEW_REPLACE ? ", made anew" : "",
					call == NULL ? "" : psprintf("; not cloned unless there is %s", call));
}
