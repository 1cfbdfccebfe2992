/*
 * check_usage.c: roles that may use the tables, but don't see the gray schema
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "check_usage.h"
#include "privilege.h"
#include "release.h"

void
check_usage(const Release *release, Findings *findings)
{
	const char *schema = quote_identifier(release->gray_schema);
	ListCell   *cell;

	foreach(cell, privilege_without_usage(release, true))
	{
		const PrivilegeUser *user = lfirst(cell);

		finding_add(findings, false, psprintf("%s for %s", schema, user->name),
					psprintf("may use %s, but not the gray schema: search_path passes over it, and version 2 works on production's tables",
							 user->relation),
					psprintf("GRANT USAGE ON SCHEMA %s TO %s;", schema, user->name));
	}
}
