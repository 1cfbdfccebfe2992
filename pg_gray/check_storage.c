/*
 * check_storage.c: whether a crash takes the rows of one side alone
 *
 * A crash empties UNLOGGED tables.  What is missing in gray then would count as deleted by
 * the user, and be deleted at home.
 */
#include "postgres.h"

#include "check_relations.h"
#include "check_storage.h"
#include "query.h"
#include "release.h"

void
check_storage(const Release *release, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows =
		query_run(CHECK_RELATIONS
				  " SELECT r.oid::regclass::text FROM relation r JOIN pg_class c ON c.oid = r.oid"
				  " WHERE r.side = 'gray' AND c.relkind = 'r' AND c.relpersistence = 'u' AND EXISTS"
				  " (SELECT 1 FROM relation p JOIN pg_class l ON l.oid = p.oid WHERE p.side = 'production'"
				  " AND p.position = r.position AND l.relkind = 'r' AND l.relpersistence <> 'u')" CHECK_RELATIONS_ORDER,
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, true, query_text(row, 1),
					"it is UNLOGGED, while production's table is logged: a crash would empty it, and users lose these rows on the way home",
					psprintf("ALTER TABLE %s SET LOGGED;", query_text(row, 1)));
}
