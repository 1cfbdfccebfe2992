/*
 * check_name.c: finds names in functions that a move would not find
 *
 * The finding is only a guess from the function's text.  For a table that has rows, the function is
 * called instead (check_call.c).
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

#include "check/check_name.h"
#include "check/function_body.h"
#include "postgres/query.h"

/* clang-format off */

#define SELECT_NAMES \
	"SELECT n.nspname, o.name" \
	" FROM (" \
		"SELECT relnamespace, relname" \
		" FROM pg_class" \
		" WHERE relkind IN ('r', 'p', 'v', 'm', 'f')" \
		" UNION SELECT pronamespace, proname" \
		" FROM pg_proc) AS o (namespace, name)" \
	" JOIN pg_namespace n ON n.oid = o.namespace" \
	" WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')" \
	" AND n.nspname NOT LIKE 'pg\\_temp\\_%'" \
	" AND NOT EXISTS (" \
		"SELECT 1" \
		" FROM pg_proc p" \
		" WHERE p.proname = o.name AND p.pronamespace = 'pg_catalog'::regnamespace)" \
	" AND NOT EXISTS (" \
		"SELECT 1" \
		" FROM pg_class c" \
		" WHERE c.relname = o.name AND c.relnamespace = 'pg_catalog'::regnamespace)"

/* The functions whose body is text and whose names are found under the caller's search_path. */
#define SELECT_BODIES \
	"SELECT p.oid::regprocedure::text, p.prosrc" \
	" FROM pg_proc p" \
	" JOIN pg_language l ON l.oid = p.prolang" \
	" WHERE p.oid = ANY ($1)" \
	" AND l.lanname NOT IN ('c', 'internal')" \
	" AND p.prosqlbody IS NULL" \
	" AND NOT EXISTS (SELECT 1 FROM unnest(p.proconfig) AS x WHERE x LIKE 'search\\_path=%')" \
	" ORDER BY 1"

/* clang-format on */

static BodyName *
load_names(int *count)
{
	BodyName *names;

	*count = query_run(SELECT_NAMES, NULL);
	names = palloc(sizeof(BodyName) * Max(*count, 1));
	for (int i = 0; i < *count; i++)
		names[i] = (BodyName){.schema = query_text(i, 1), .name = query_text(i, 2)};
	qsort(names, *count, sizeof(BodyName), body_compare_names);
	return names;
}

/* "limits (line 2), helper (line 3)"; a name that several schemas have appears once. */
static char *
needed(const BodyName *names, const BodyMention *mentions, int count)
{
	StringInfoData text;
	const char	  *last = "";

	initStringInfo(&text);
	for (int i = 0; i < count; i++)
	{
		if (mentions[i].needed == 0 || strcmp(names[i].name, last) == 0)
			continue;
		last = names[i].name;
		appendStringInfo(&text, "%s%s (line %d)", text.len == 0 ? "" : ", ", last,
						 mentions[i].needed);
	}
	return text.data;
}

void
check_names(List *functions, const char *table, const char *path, Findings *findings)
{
	QueryArgs	 args = {0};
	uint64		 rows;
	char	   **signatures;
	char	   **bodies;
	BodyName	*names;
	BodyMention *mentions;
	int			 count;

	query_arg_oids(&args, functions);
	rows = functions == NIL ? 0 : query_run(SELECT_BODIES, &args);
	if (rows == 0)
		return;
	signatures = palloc(sizeof(char *) * rows);
	bodies = palloc(sizeof(char *) * rows);
	for (uint64 row = 0; row < rows; row++)
	{
		signatures[row] = query_text(row, 1);
		bodies[row] = query_text(row, 2);
	}
	names = load_names(&count);
	mentions = palloc(sizeof(BodyMention) * Max(count, 1));
	for (uint64 row = 0; row < rows; row++)
	{
		char *found;

		body_search(bodies[row], names, count, mentions);
		found = needed(names, mentions, count);
		if (*found != '\0')
			finding_add(findings, false, signatures[row],
						psprintf("%s calls it, and its body names %s without a schema: a move, with search_path = pg_catalog, pg_temp, may not find that",
								 table, found),
						psprintf("ALTER FUNCTION %s SET search_path = %s; or write the schemas into it.",
								 signatures[row], path));
	}
}
