/*
 * check_preload.c: roles whose first statement does not heed pg_gray.fence
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "check_preload.h"
#include "query.h"

#define HAS_US(libraries) libraries " ~ '(^|[,\"[:blank:]/])pg_gray($|[,\"[:blank:].])'"

/* Of settings for a role in a database, a role, a database and all, the first counts. */
#define SELECT_ROLES \
	"SELECT DISTINCT s.setrole <> 0, coalesce(quote_ident(r.rolname), quote_ident(d.datname))," \
	" CASE WHEN s.setrole <> 0 AND s.setdatabase <> 0 THEN ' IN DATABASE ' || quote_ident(d.datname) ELSE '' END," \
	" (SELECT string_agg(quote_literal(btrim(l, ' \"')) || ', ', '') FROM unnest(string_to_array(p.libraries, ',')) l" \
	" WHERE btrim(l, ' \"') <> '')" \
	" FROM pg_db_role_setting s JOIN pg_database d ON d.datname = current_database() AND s.setdatabase IN (0, d.oid)" \
	" LEFT JOIN pg_roles r ON r.oid = s.setrole," \
	" LATERAL (SELECT coalesce((SELECT split_part(c, '=', 2) FROM pg_db_role_setting o, unnest(o.setconfig) c" \
	" WHERE o.setdatabase IN (0, d.oid) AND o.setrole IN (0, s.setrole) AND c LIKE 'session_preload_libraries=%'" \
	" ORDER BY o.setrole <> 0 DESC, o.setdatabase <> 0 DESC LIMIT 1)," \
	" $1) AS libraries) p" \
	" WHERE EXISTS (SELECT FROM unnest(s.setconfig) c WHERE lower(c) = 'pg_gray.fence=skip')" \
	" AND NOT " HAS_US("p.libraries") " AND NOT " HAS_US("$2") " ORDER BY 1, 2, 3"

void
check_preload(Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	/* Whoever owns the extension may not be allowed to see them as settings. */
	query_arg_text(&args, session_preload_libraries_string);
	query_arg_text(&args, shared_preload_libraries_string);
	rows = query_run(SELECT_ROLES, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		const char *kind = query_bool(row, 1) ? "role" : "database";
		char	   *name = query_text(row, 2);
		char	   *others = query_text(row, 4); /* libraries that are preloaded */

		finding_add(findings, false, psprintf("%s %s", kind, name),
					"has pg_gray.fence = skip, but the library is loaded by the first statement of a session: that one can't leave rows alone, and is refused with 40001",
					psprintf("ALTER %s %s%s SET session_preload_libraries = %s'pg_gray';",
							 query_bool(row, 1) ? "ROLE" : "DATABASE", name, query_text(row, 3),
							 others == NULL ? "" : others));
	}
}
