/*
 * check_schema.c: whether strangers may put something into the gray schema, or that of the functions
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "check_schema.h"
#include "query.h"
#include "release.h"
#include "schema.h"

/*
 * Who may create in the schema of gray_open(name) can make a gray_open(text).  Owners of that schema,
 * and of the catalog, are trusted.
 */
static void
check_functions_schema(Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(catalog_owner()));
	rows =
		query_run("SELECT DISTINCT quote_ident(n.nspname), coalesce('role ' || quote_ident(r.rolname), 'everybody'),"
				  " coalesce(quote_ident(r.rolname), 'PUBLIC') FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace,"
				  " aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee"
				  " WHERE x.extname = 'pg_gray' AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner"
				  " AND NOT coalesce(pg_has_role(r.oid, n.nspowner, 'MEMBER') OR pg_has_role(r.oid, $1, 'MEMBER'), false)"
				  " ORDER BY 2",
				  &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, query_text(row, 1),
					psprintf("%s may create in it, where pg_gray's functions are: one of theirs may be taken for one of pg_gray's",
							 query_text(row, 2)),
					psprintf("REVOKE CREATE ON SCHEMA %s FROM %s;", query_text(row, 1),
							 query_text(row, 3)));
}

void
check_schema(const Release *release, const TwinSet *set, Findings *findings)
{
	ListCell *cell;

	foreach(cell, schema_faults(release, twin_owner_role(set)))
	{
		const SchemaFault *fault = lfirst(cell);

		finding_add(findings, true, pstrdup(quote_identifier(release->gray_schema)),
					psprintf("%s: what is there is called as the owner of the tables",
							 fault->problem),
					fault->hint);
	}
	check_functions_schema(findings);
}
