/*
 * check_view.c: finds views and rules that lead version 2 to production's frozen rows
 *
 * Rules act on the statements of applications; moves write the tables without rules.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check/check_relations.h"
#include "check/check_view.h"
#include "clone/view.h"
#include "clone/view_reader.h"
#include "postgres/query.h"
#include "postgres/relation.h"
#include "release/release.h"

#define WARNING_ONLY false

/* The call that clones the missing views: gray_clone_tree for the root table, cloned already. */
static char *
clone_call(const Release *release)
{
	QueryArgs args = {0};

	query_arg_int(&args, release->id);
	query_run("SELECT format('SELECT * FROM gray_clone_tree(%L, %L, release => %L); while the release is closed.',"
			  " t.production, a.attname, r.release)"
			  " FROM gray.release r JOIN gray.release_table t ON t.release_id = r.id"
			  " JOIN pg_attribute a ON a.attrelid = to_regclass(t.production) AND a.attnum = t.uid_attnum"
			  " WHERE r.id = $1 ORDER BY t.position LIMIT 1",
			  &args);
	return query_text(0, 1);
}

/*
 * Views of production
 */

/* Add a warning for a view of production; check_gray reports a twin that reads production. */
static void
check_view(const ViewPlan *plan, const View *view, Findings *findings)
{
	const Reader *reader = view->reader;
	const char	 *effect = psprintf("version 2 reads production's frozen rows of %s through it",
									reader_tables(plan->readers, reader));

	if (view->fate == VIEW_CREATE)
		finding_add(findings, WARNING_ONLY, reader->name,
					psprintf("the view has no twin in gray: %s", effect),
					clone_call(plan->release));
	else if (view->fate == VIEW_IMPOSSIBLE && !OidIsValid(view_reads_production(plan, view->twin)))
		finding_add(findings, WARNING_ONLY, reader->name,
					psprintf("the view can't be cloned, since %s: %s", view->obstacle, effect),
					view->hint);
	else if (view->fate == VIEW_DROPPED)
		finding_add(findings, WARNING_ONLY, reader->name,
					psprintf("its twin %s was dropped: %s", view->gray, effect),
					psprintf("CREATE VIEW %s AS ...; if version 2 uses that name.", view->gray));
}

static void
check_materialized(const ViewPlan *plan, const Reader *reader, Findings *findings)
{
	const char *schema = plan->release->gray_schema;
	const char *name = get_rel_name(reader->relation);
	char	   *twin = quote_qualified_identifier(schema, name);

	if (OidIsValid(get_relname_relid(name, get_namespace_oid(schema, false))))
		return;
	finding_add(findings, WARNING_ONLY, reader->name,
				psprintf("a materialized view, which is not cloned: version 2 reads production's frozen rows of %s in it",
						 reader_tables(plan->readers, reader)),
				psprintf("CREATE MATERIALIZED VIEW %s AS ...; as SELECT pg_get_viewdef(%s::regclass) shows, of the gray tables.",
						 twin, quote_literal_cstr(reader->name)));
}

/*
 * Views of the gray schema
 */

static char *
advice(const ViewPlan *plan, Oid gray, Oid read)
{
	char	   *twin = quote_qualified_identifier(plan->release->gray_schema, get_rel_name(read));
	const char *kind = get_rel_relkind(gray) == RELKIND_VIEW ? "OR REPLACE" : "MATERIALIZED";
	ListCell   *cell;

	foreach(cell, plan->views)
	{
		const View *view = lfirst(cell);

		if (view->twin == gray && view->fate == VIEW_REPLACE)
			return clone_call(plan->release);
	}
	return psprintf("CREATE %s VIEW %s AS ...; with %s instead.", kind, relation_name(gray), twin);
}

/* Add a warning for each of the tables, their partitions and their readers that the view reads. */
static void
check_gray(const ViewPlan *plan, const List *tables, Oid gray, Findings *findings)
{
	ListCell *cell;

	foreach(cell, reader_reads(gray))
	{
		Oid read = lfirst_oid(cell);

		if (list_member_oid(tables, read) || reader_get(plan->readers, read) != NULL)
			finding_add(findings, WARNING_ONLY, relation_name(gray),
						psprintf("reads %s of production: version 2 sees frozen rows through it",
								 relation_name(read)),
						advice(plan, gray, read));
	}
}

static List *
gray_views(const Release *release)
{
	QueryArgs args = {0};
	List	 *views = NIL;
	uint64	  rows;

	query_arg_text(&args, release->gray_schema);
	rows = query_run("SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
					 " WHERE n.nspname = $1 AND c.relkind IN ('v', 'm') ORDER BY c.relname",
					 &args);
	for (uint64 row = 0; row < rows; row++)
		views = lappend_oid(views, query_oid(row, 1));
	return views;
}

void
check_views(const ViewPlan *plan, Findings *findings)
{
	List	 *tables = reader_with_partitions(plan->tables);
	ListCell *cell;

	foreach(cell, plan->views)
		check_view(plan, lfirst(cell), findings);
	foreach(cell, plan->readers)
	{
		if (((Reader *) lfirst(cell))->is_materialized)
			check_materialized(plan, lfirst(cell), findings);
	}
	foreach(cell, gray_views(plan->release))
		check_gray(plan, tables, lfirst_oid(cell), findings);
}

/* clang-format off */

/*
 * The rules.  Of a gray table or view, only rules that its twin lacks; the twin of a view is the
 * view of the same name.  Of a view, only rules that name tables which the view does not read: the
 * rules of most views write the tables that the view reads.
 */
#define SELECT_RULES \
	CHECK_RELATIONS \
	", ruled (position, side, oid) AS (" \
		"SELECT r.position, r.side, r.oid" \
		" FROM relation r" \
		" UNION ALL SELECT NULL, 'production', v" \
		" FROM unnest($2) AS v" \
		" UNION ALL SELECT NULL, 'gray', g.oid" \
		" FROM pg_class g" \
		" JOIN pg_namespace n ON n.oid = g.relnamespace" \
		" WHERE n.nspname = $3 AND g.relkind = 'v')," \
	" rule AS (" \
		"SELECT r.position, r.side, r.oid, c.relname, w.oid AS rule, w.rulename, w.ev_type" \
		" FROM pg_rewrite w" \
		" JOIN ruled r ON r.oid = w.ev_class" \
		" JOIN pg_class c ON c.oid = r.oid" \
		" WHERE w.ev_type IN ('2', '3', '4') AND w.ev_enabled <> 'D')" \
	" SELECT r.oid::regclass::text," \
		" string_agg(" \
			"quote_ident(r.rulename) || ' (ON '" \
			" || CASE r.ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END" \
			" || ')'," \
			" ', '" \
			" ORDER BY r.rulename)" \
	" FROM rule r" \
	" WHERE (" \
		"r.side = 'production'" \
		" OR NOT EXISTS (" \
			"SELECT 1" \
			" FROM rule t" \
			" WHERE t.side = 'production'" \
			" AND t.rulename = r.rulename" \
			" AND t.ev_type = r.ev_type" \
			" AND (" \
				"t.position = r.position" \
				" OR (t.position IS NULL AND r.position IS NULL AND t.relname = r.relname))))" \
	" AND (" \
		"r.position IS NOT NULL" \
		" OR EXISTS (" \
			"SELECT 1" \
			" FROM pg_depend d" \
			" JOIN pg_class o ON o.oid = d.refobjid" \
			" WHERE d.classid = 'pg_rewrite'::regclass" \
			" AND d.objid = r.rule" \
			" AND d.refclassid = 'pg_class'::regclass" \
			" AND o.relkind <> 'S'" \
			" AND o.oid NOT IN (SELECT oid FROM ruled)))" \
	" GROUP BY r.position, r.side, r.oid" \
	" ORDER BY r.position, r.side DESC, 1"

/* clang-format on */

void
check_rules(const ViewPlan *plan, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, plan->release->id);
	query_arg_oids(&args, reader_relations(plan->readers));
	query_arg_text(&args, plan->release->gray_schema);
	rows = query_run(SELECT_RULES, &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, query_text(row, 1),
					psprintf("what its rules do, %s, does not happen for rows that moves write: these go to the tables themselves, there and home",
							 query_text(row, 2)),
					"Nothing is to be done if rows that come home need none of it; else do it once a user is home: SELECT uid, started FROM gray.history WHERE kind = 'migrate_back';");
}
