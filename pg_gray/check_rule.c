/*
 * check_rule.c: rules that moves do not know of
 */
#include "postgres.h"

#include "nodes/pg_list.h"

#include "check_relations.h"
#include "check_rule.h"
#include "query.h"
#include "reader.h"
#include "release.h"
#include "view.h"

/* clang-format off */

/*
 * Of a gray table or view, only rules that its twin (of the same name, for a view) has not; of a
 * view, only those that know other tables, too: most write what it reads.
 */
#define SELECT_RULES \
	CHECK_RELATIONS \
	", ruled (position, side, oid) AS (SELECT r.position, r.side, r.oid FROM relation r" \
	" UNION ALL SELECT NULL, 'production', v FROM unnest($2) AS v" \
	" UNION ALL SELECT NULL, 'gray', g.oid FROM pg_class g JOIN pg_namespace n ON n.oid = g.relnamespace" \
	" WHERE n.nspname = $3 AND g.relkind = 'v')," \
	" rule AS (SELECT r.position, r.side, r.oid, c.relname, w.oid AS rule, w.rulename, w.ev_type FROM pg_rewrite w" \
	" JOIN ruled r ON r.oid = w.ev_class JOIN pg_class c ON c.oid = r.oid" \
	" WHERE w.ev_type IN ('2', '3', '4') AND w.ev_enabled <> 'D')" \
	" SELECT r.oid::regclass::text, string_agg(quote_ident(r.rulename) || ' (ON '" \
	" || CASE r.ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END || ')', ', ' ORDER BY r.rulename)" \
	" FROM rule r WHERE (r.side = 'production' OR NOT EXISTS (SELECT 1 FROM rule t WHERE t.side = 'production'" \
	" AND t.rulename = r.rulename AND t.ev_type = r.ev_type" \
	" AND (t.position = r.position OR (t.position IS NULL AND r.position IS NULL AND t.relname = r.relname))))" \
	" AND (r.position IS NOT NULL OR EXISTS (SELECT 1 FROM pg_depend d JOIN pg_class o ON o.oid = d.refobjid" \
	" WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = r.rule AND d.refclassid = 'pg_class'::regclass" \
	" AND o.relkind <> 'S' AND o.oid NOT IN (SELECT oid FROM ruled)))" \
	" GROUP BY r.position, r.side, r.oid ORDER BY r.position, r.side DESC, 1"

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
