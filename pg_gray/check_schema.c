/*
 * check_schema.c: whether strangers may put something into the gray schema
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "check_schema.h"
#include "release.h"
#include "schema.h"

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
}
