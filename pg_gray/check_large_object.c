/*
 * check_large_object.c: large objects, which are in no table and so not moved
 *
 * A row has but the number of one.  Moved, both the gray row and the frozen one have it.
 */
#include "postgres.h"

#include "check_large_object.h"
#include "check_relations.h"
#include "query.h"
#include "release.h"

/* By trigger lo_manage, or by type lo: extension lo calls them so. */
static void
check_managed(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows =
		query_run(CHECK_RELATIONS
				  " SELECT r.oid::regclass::text, quote_ident(t.tgname) FROM relation r"
				  " JOIN pg_trigger t ON t.tgrelid = r.oid AND t.tgparentid = 0 AND t.tgenabled <> 'D'"
				  " JOIN pg_proc p ON p.oid = t.tgfoid AND p.prosrc = 'lo_manage'"
				  " WHERE r.side = 'gray'" CHECK_RELATIONS_ORDER ", 2",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, query_text(row, 1),
					psprintf("trigger %s removes large objects that the frozen rows in production still have: after gray_discard they are gone",
							 query_text(row, 2)),
					psprintf("ALTER TABLE %s DISABLE TRIGGER %s; and vacuumlo once the release is over.",
							 query_text(row, 1), query_text(row, 2)));
}

static void
check_columns(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows =
		query_run(CHECK_RELATIONS
				  " SELECT r.oid::regclass || '.' || quote_ident(a.attname) FROM relation r"
				  " JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped"
				  " JOIN pg_type y ON y.oid = a.atttypid AND y.typname = 'lo' AND y.typtype = 'd'"
				  " AND y.typbasetype = 'oid'::regtype"
				  " WHERE r.side = 'gray' AND r.oid = r.root" CHECK_RELATIONS_ORDER ", a.attnum",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, query_text(row, 1),
					"large objects are shared by both sides: gray_discard does not take back what version 2 wrote into one (lo_put), or removed (lo_unlink)",
					"Let version 2 make a new object for each change, and remove none.");
}

void
check_large_objects(const Release *release, Findings *findings)
{
	check_managed(release, findings);
	check_columns(release, findings);
}
