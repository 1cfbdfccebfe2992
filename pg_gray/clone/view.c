/*
 * view.c: the views of a release, and their twins in the gray schema
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "clone/view.h"
#include "clone/view_reader.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/release.h"
#include "release/search_path.h"

/*
 * Paths
 */

List *
view_append_places(List *places, const List *relations)
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
		places =
			view_append_places(places, lappend_oid(list_copy(reader->reads), reader->relation));
	places = view_append_places(places, plan->places);
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

Oid
view_twin_by_name(const Release *release, unsigned int relation)
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
		   OidIsValid(view_twin_by_name(plan->release, relation));
}

/* Is the relation a table of the release, a reader, or a relation that a reader reads? */
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

List *
view_tables(const TwinSet *set)
{
	List *tables = NIL;

	for (int i = 0; i < set->count; i++)
		tables = lappend_oid(tables, set->twins[i].relation[SIDE_PRODUCTION]);
	return tables;
}
