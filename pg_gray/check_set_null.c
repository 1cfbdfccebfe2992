/*
 * check_set_null.c: foreign keys that take rows from their user
 */
#include "postgres.h"

#include "access/attnum.h"
#include "utils/builtins.h"

#include "check_owner_path.h"
#include "check_relations.h"
#include "check_set_null.h"
#include "query.h"
#include "release.h"

/* clang-format off */

#define ACTION(event, column) \
	"'ON " event " ' || CASE " column " WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' END"

/* Each column that such a key sets; and the key as gray should have it, if gray has it. */
#define SELECT_KEYS \
	CHECK_RELATIONS \
	" SELECT r.root::text, r.side, a.attnum, quote_ident(k.conname)," \
	" concat_ws(', ', " ACTION("DELETE", "k.confdeltype") ", " ACTION("UPDATE", "k.confupdtype") ")," \
	" (SELECT regexp_replace(pg_get_constraintdef(o.oid), ' (ON DELETE|ON UPDATE) SET (NULL|DEFAULT)( \\([^)]*\\))?'," \
	" ' \\1 CASCADE', 'g') FROM relation g JOIN pg_constraint o ON o.conrelid = g.oid AND o.contype = 'f'" \
	" AND o.conname = k.conname WHERE g.position = r.position AND g.side = 'gray' AND g.oid = g.root)" \
	" FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype = 'f' AND k.conparentid = 0" \
	" CROSS JOIN unnest(CASE WHEN k.confupdtype IN ('n', 'd') THEN k.conkey" \
	" ELSE coalesce(k.confdelsetcols, k.conkey) END) AS a (attnum)" \
	" WHERE r.oid = r.root AND (k.confdeltype IN ('n', 'd') OR k.confupdtype IN ('n', 'd'))" \
	" ORDER BY r.position, k.conname, r.side DESC, a.attnum"

/* clang-format on */

static bool
leads(const Twin *twin, Side side, AttrNumber attnum)
{
	const TwinColumn **columns;
	int				   count = check_owner_columns(twin, &columns);

	for (int i = 0; i < count; i++)
	{
		if (columns[i]->attnum[side] == attnum)
			return true;
	}
	return false;
}

static void
add_key(const Twin *twin, Side side, uint64 row, Findings *findings)
{
	finding_add(findings, false, pstrdup(twin->table[side]),
				psprintf("foreign key %s takes rows from their user (%s): in production they belong to nobody then, and in gray it is refused",
						 query_text(row, 4), query_text(row, 5)),
				query_is_null(row, 6)
					? "Let version 1 delete such rows, or give them to somebody, before it deletes what they refer to."
					: psprintf("ALTER TABLE %1$s DROP CONSTRAINT %2$s, ADD CONSTRAINT %2$s %3$s;",
							   twin->table[SIDE_GRAY], query_text(row, 4), query_text(row, 6)));
}

/* One that both sides have is told of once. */
void
check_set_null(const Release *release, const TwinSet *set, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;
	char	 *last = "";

	query_arg_int(&args, release->id);
	rows = query_run(SELECT_KEYS, &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Side		side = side_parse(query_text(row, 2));
		const Twin *twin = twin_find(set, side, (Oid) strtoul(query_text(row, 1), NULL, 10));
		char	   *key;

		if (twin == NULL || !leads(twin, side, query_int(row, 3)))
			continue;
		key = psprintf("%d %s", twin->position, query_text(row, 4));
		if (strcmp(key, last) != 0)
			add_key(twin, side, row, findings);
		last = key;
	}
}
