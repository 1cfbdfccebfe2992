/*
 * clone_view.c: makes the views of a release's gray schema
 *
 * A view's query is printed under production's search_path, and run under gray's (view_path).  A
 * new twin gets defaults, triggers, rules, grants and comments as tables get them, from
 * structure.h.  When a twin is replaced, only its query, options and rules are replaced.  So
 * nothing is lost that the user has added to the twin.
 *
 * A view that can't be made is left out with a warning, and so is each view that reads it.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "clone/clone_rewire.h"
#include "clone/clone_view.h"
#include "clone/view.h"
#include "clone/view_code.h"
#include "clone/view_obstacle.h"
#include "clone/view_plan.h"
#include "clone/view_reader.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/release.h"
#include "release/schema.h"
#include "release/twin.h"
#include "release/twin_load.h"
#include "structure/piece.h"
#include "structure/structure.h"

/*
 * Definitions
 */

/* The options of a view, such as "WITH (security_barrier = 'true')", or an empty text. */
static char *
options_clause(Oid view)
{
	QueryArgs args = {0};

	query_arg(&args, OIDOID, ObjectIdGetDatum(view));
	query_run("SELECT coalesce((SELECT format('WITH (%s)', string_agg("
			  "format('%I = %L', o.option_name, o.option_value), ', '))"
			  " FROM pg_class c, pg_options_to_table(c.reloptions) o WHERE c.oid = $1"
			  " HAVING count(*) > 0), '')",
			  &args);
	return query_text(0, 1);
}

static char *
create_statement(const View *view)
{
	char *options = options_clause(view->reader->relation);
	char *query;

	role_pin_setting("search_path", view->path[SIDE_PRODUCTION]);
	query = TextDatumGetCString(
		OidFunctionCall1(F_PG_GET_VIEWDEF_OID, ObjectIdGetDatum(view->reader->relation)));
	role_pin_setting("search_path", ROLE_SAFE_PATH);
	return psprintf("CREATE %sVIEW %s %s AS %s", view->fate == VIEW_REPLACE ? "OR REPLACE " : "",
					view->gray, options, query);
}

/*
 * Making
 */

static void
run_under(const char *path, const char *statement)
{
	role_pin_setting("search_path", path);
	query_run(statement, NULL);
	role_pin_setting("search_path", ROLE_SAFE_PATH);
}

/* Run the statements that make the rules among some pieces, or the statements that drop them. */
static void
run_rules(const View *view, List *pieces, bool drop)
{
	ListCell *cell;

	foreach(cell, pieces)
	{
		const Piece *piece = lfirst(cell);

		if (piece->kind == PIECE_RULE || (!drop && piece->kind == PIECE_RULE_COMMENT))
			run_under(view->path[SIDE_GRAY],
					  piece_statement(drop ? &piece->drop : &piece->create, view->twin));
	}
}

static void
replace_view(const View *view)
{
	List *wanted = piece_load(list_make1_oid(view->reader->relation), view->path[SIDE_PRODUCTION],
							  PIECES_BUT_FOREIGN_KEYS);
	List *present =
		piece_load(list_make1_oid(view->twin), view->path[SIDE_GRAY], PIECES_BUT_FOREIGN_KEYS);

	run_under(view->path[SIDE_GRAY], create_statement(view));
	run_rules(view, present, true);
	run_rules(view, wanted, false);
}

static void
refuse_reading_production(const ViewPlan *plan, const View *view)
{
	Oid relation = view_reads_production(plan, view->twin);

	if (OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("view %s would read %s of production, which has a twin in gray", view->gray,
						relation_name(relation)),
				 errdetail("Definitions are printed under search_path %s and run under %s.",
						   view->path[SIDE_PRODUCTION], view->path[SIDE_GRAY]),
				 errhint("Create %s yourself, and then clone: a view that is there is left alone.",
						 view->gray)));
}

static void
refuse_other_code(const View *view)
{
	view_code_refuse(list_make1_oid(view->twin),
					 view_code_list(list_make1_oid(view->reader->relation)));
}

/*
 * Register the view.  If another view was registered with a twin of this name, that twin is gone:
 * no relation had the name when this view was made.
 */
static void
register_view(const Release *release, const View *view)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_arg_text(&args, view->reader->name);
	query_arg_text(&args, view->gray);
	query_run("DELETE FROM gray.release_view"
			  " WHERE release_id = $1 AND production <> $2 AND gray = $3",
			  &args);
	query_arg_text(&args, view_definition(view->twin));
	query_run("INSERT INTO gray.release_view (release_id, production, gray, definition)"
			  " VALUES ($1, $2, $3, $4) ON CONFLICT (release_id, production)"
			  " DO UPDATE SET definition = excluded.definition",
			  &args);
}

/*
 * Create or replace the view's twin, as the owner of the view or of the twin.  The plan has checked
 * that the caller may do so.
 */
static void
make_view(const Release *release, View *view)
{
	Oid owner = relation_owner(view->fate == VIEW_REPLACE ? view->twin : view->reader->relation);
	Oid schema = get_namespace_oid(release->gray_schema, false);
	SchemaLoan loan = schema_lend(schema, owner, "USAGE, CREATE");
	RoleSwitch before;

	role_become(&before, owner);
	if (view->fate == VIEW_REPLACE)
		replace_view(view);
	else
		run_under(view->path[SIDE_GRAY], create_statement(view));
	role_return(&before);
	schema_take_back(&loan);
	view->twin = get_relname_relid(get_rel_name(view->reader->relation), schema);
}

static bool
alike(const View *a, const View *b)
{
	return relation_owner(a->twin) == relation_owner(b->twin) &&
		   strcmp(a->path[SIDE_PRODUCTION], b->path[SIDE_PRODUCTION]) == 0;
}

/*
 * Give new twins all that their views have besides the query.  One round does all views of one
 * owner and one search_path.
 */
static void
furnish_views(List *views)
{
	while (views != NIL)
	{
		const View *first = linitial(views);
		List	   *production = NIL;
		List	   *gray = NIL;
		List	   *others = NIL;
		ListCell   *cell;
		SchemaLoan	loan;
		RoleSwitch	before;

		foreach(cell, views)
		{
			View *view = lfirst(cell);

			if (!alike(first, view))
			{
				others = lappend(others, view);
				continue;
			}
			production = lappend_oid(production, view->reader->relation);
			gray = lappend_oid(gray, view->twin);
		}
		loan = schema_lend(get_rel_namespace(first->twin), relation_owner(first->twin), "USAGE");
		role_become(&before, relation_owner(first->twin));
		structure_furnish(production, gray, first->path[SIDE_PRODUCTION], first->path[SIDE_GRAY]);
		role_return(&before);
		schema_take_back(&loan);
		views = others;
	}
}

/*
 * All views at once, or one by one
 */

/* The views that one subtransaction makes. */
typedef struct Making
{
	const ViewPlan *plan;
	List		   *views;
} Making;

static void
make_views(void *argument)
{
	const Making  *making = argument;
	const Release *release = making->plan->release;
	List		  *created = NIL;
	ListCell	  *cell;

	foreach(cell, making->views)
	{
		View *view = lfirst(cell);

		make_view(release, view);
		if (view->fate == VIEW_CREATE)
			created = lappend(created, view);
	}
	furnish_views(created);
	foreach(cell, making->views)
	{
		refuse_reading_production(making->plan, lfirst(cell));
		refuse_other_code(lfirst(cell));
		register_view(release, lfirst(cell));
	}
}

/* Make the views in a subtransaction.  Returns null, or the error, and then no view is made. */
static ErrorData *
try_views(const ViewPlan *plan, List *views)
{
	Making	   making = {.plan = plan, .views = views};
	ErrorData *error = subtransaction_try(make_views, &making);
	ListCell  *cell;

	foreach(cell, error != NULL ? views : NIL)
	{
		View *view = lfirst(cell);

		if (view->fate == VIEW_CREATE)
			view->twin = InvalidOid;
	}
	return error;
}

static void
warn(const View *view)
{
	ereport(WARNING, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					  errmsg(view->is_registered ? "view %s is not made anew: %s"
												 : "view %s is not cloned: %s",
							 view->is_registered ? view->gray : view->reader->name, view->obstacle),
					  errdetail("Through it version 2 reads production's frozen rows."),
					  errhint("%s", view->hint)));
}

/*
 * Make each view in a subtransaction of its own.  A view that reads a view without a twin is left
 * out, since it would read production.
 */
static void
make_one_by_one(const ViewPlan *plan, List *views)
{
	ListCell *cell;

	foreach(cell, views)
	{
		View	  *view = lfirst(cell);
		ErrorData *error = NULL;

		view_obstacle_find_lonely(plan, view);
		if (view->obstacle == NULL)
			error = try_views(plan, list_make1(view));
		if (error != NULL)
			view_obstacle_set_error(plan, view, error);
		if (view->obstacle == NULL)
			continue;
		view->fate = VIEW_IMPOSSIBLE;
		warn(view);
	}
}

/* Lock a view that is to be cloned.  False if the view is gone meanwhile. */
static bool
lock_view(const View *view)
{
	LockRelationOid(view->reader->relation, AccessShareLock);
	return get_rel_relkind(view->reader->relation) == RELKIND_VIEW;
}

ViewPlan *
view_clone_all(const Release *release, unsigned int caller)
{
	ViewPlan *plan = view_plan_make(release, view_tables(twin_load_all(release)), caller);
	List	 *views = NIL;
	ListCell *cell;

	foreach(cell, plan->views)
	{
		View *view = lfirst(cell);

		if (view->fate == VIEW_IMPOSSIBLE)
			warn(view);
		if ((view->fate == VIEW_CREATE || view->fate == VIEW_REPLACE) && lock_view(view))
			views = lappend(views, view);
	}
	/* First try all views at once: loading their pieces together is faster than one by one. */
	if (views != NIL && try_views(plan, views) != NULL)
		make_one_by_one(plan, views);
	rewire_tables(plan);
	return plan;
}
