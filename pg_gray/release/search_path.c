/*
 * search_path.c: makes the search paths under which definitions move from one side to the other
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "release/release.h"
#include "release/search_path.h"

char *
search_path_of(const Release *release, const TwinSet *set, Side side)
{
	StringInfoData path;
	List		  *schemas = NIL;

	initStringInfo(&path);
	if (side == SIDE_GRAY)
		appendStringInfoString(&path, quote_identifier(release->gray_schema));
	for (int i = 0; i < set->count; i++)
	{
		Oid schema = get_rel_namespace(set->twins[i].relation[SIDE_PRODUCTION]);

		if (list_member_oid(schemas, schema))
			continue;
		schemas = lappend_oid(schemas, schema);
		appendStringInfo(&path, "%s%s", path.len == 0 ? "" : ", ",
						 quote_identifier(get_namespace_name(schema)));
	}
	appendStringInfoString(&path, ", pg_temp");
	return path.data;
}
