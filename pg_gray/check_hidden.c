/*
 * check_hidden.c: names that mean something else to version 2
 *
 * Version 2 looks into the gray schema first, and then where production's tables are.
 */
#include "postgres.h"

#include "nodes/pg_list.h"

#include "check_hidden.h"
#include "check_relations.h"
#include "query.h"
#include "reader.h"
#include "release.h"
#include "view.h"

/* clang-format off */

/*
 * What gray hides on purpose are its tables' twins, partitions of theirs, and views that read
 * them ($2). Indexes and row types of tables have nobody who looks for them by name.
 */
#define KIND(relation) \
	"CASE " relation ".relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'" \
	" ELSE 'table' END"

#define SELECT_HIDDEN \
	CHECK_RELATIONS \
	", place (oid) AS (SELECT DISTINCT c.relnamespace FROM relation r JOIN pg_class c ON c.oid = r.oid" \
	" WHERE r.side = 'production' AND r.oid = r.root)," \
	" intended (oid) AS (SELECT oid FROM relation WHERE side = 'production' UNION SELECT unnest($2))," \
	" hidden (name, kind, shared, shared_kind) AS (" \
	"SELECT g.oid::regclass::text, " KIND("g") ", s.oid::regclass::text, " KIND("s") \
	" FROM pg_class g JOIN pg_namespace n ON n.oid = g.relnamespace" \
	" JOIN pg_class s ON s.relname = g.relname AND s.relnamespace IN (SELECT oid FROM place)" \
	" WHERE n.nspname = $3 AND g.relkind NOT IN ('i', 'I', 't', 'c') AND s.relkind NOT IN ('i', 'I', 't', 'c')" \
	" AND s.oid NOT IN (SELECT oid FROM intended)" \
	" UNION ALL SELECT g.oid::regtype::text, 'type', s.oid::regtype::text, 'type' FROM pg_type g" \
	" JOIN pg_namespace n ON n.oid = g.typnamespace" \
	" JOIN pg_type s ON s.typname = g.typname AND s.typnamespace IN (SELECT oid FROM place)" \
	" LEFT JOIN pg_class gc ON gc.oid = g.typrelid LEFT JOIN pg_class sc ON sc.oid = s.typrelid" \
	" WHERE n.nspname = $3 AND g.typelem = 0 AND s.typelem = 0" \
	" AND coalesce(gc.relkind, 'c') = 'c' AND coalesce(sc.relkind, 'c') = 'c')" \
	" SELECT *, upper(kind), CASE WHEN kind = 'sequence' AND shared_kind = 'sequence'" \
	" THEN 'numbers are given out twice' WHEN kind = 'type' THEN 'a value of one is none of the other'" \
	" ELSE 'what is in one is not in the other' END FROM hidden ORDER BY 1, 3"

/* clang-format on */

void
check_hidden(const ViewPlan *plan, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, plan->release->id);
	query_arg_oids(&args, reader_relations(plan->readers));
	query_arg_text(&args, plan->release->gray_schema);
	rows = query_run(SELECT_HIDDEN, &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, query_text(row, 1),
					psprintf("this %s hides %s %s from version 2, and is no twin of it: %s",
							 query_text(row, 2), query_text(row, 4), query_text(row, 3),
							 query_text(row, 6)),
					psprintf("ALTER %s %s RENAME TO ...; unless version 2 is to have its own.",
							 query_text(row, 5), query_text(row, 1)));
}
