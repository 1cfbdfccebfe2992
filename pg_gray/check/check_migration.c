/*
 * check_migration.c: finds what migration runners of the two versions do to each other
 *
 * The bookkeeping is compared by the names of migrations, since ids and times differ.  A name
 * counts that production did not have when the table was copied: some runners keep but the last
 * name (Alembic), which differs as soon as version 2 has run a migration.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "check/check_count.h"
#include "check/check_migration.h"
#include "clone/bookkeeping.h"
#include "clone/shared_view.h"
#include "postgres/query.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/release.h"

/* A table that was copied. */
typedef struct Copied
{
	char		*production; /* qualified and quoted, as the next one */
	char		*gray;
	char		*keys;	/* a name[] in text form */
	char		*known; /* a text[] in text form */
	unsigned int role;	/* as whom it is read */
	uint64		 ahead; /* how many migrations production is ahead by */
	char		*names; /* the first of them */
} Copied;

/*
 * Copies
 */

static List *
load(const Release *release)
{
	QueryArgs args = {0};
	List	 *list = NIL;
	uint64	  rows;

	query_arg_int(&args, release->id);
	rows =
		query_run("SELECT t.production, t.gray, t.key_columns::text, t.known::text"
				  " FROM gray.copied_table t JOIN pg_class p ON p.oid = to_regclass(t.production)"
				  " JOIN pg_class g ON g.oid = to_regclass(t.gray)"
				  " WHERE t.release_id = $1 AND t.key_columns <> '{}'"
				  " AND p.relkind = 'r' AND g.relkind = 'r' ORDER BY t.production",
				  &args);
	for (uint64 row = 0; row < rows; row++)
	{
		Copied *copied = palloc0(sizeof(Copied));

		copied->production = query_text(row, 1);
		copied->gray = query_text(row, 2);
		copied->keys = query_text(row, 3);
		copied->known = query_text(row, 4);
		list = lappend(list, copied);
	}
	return list;
}

static void
compare(void *argument)
{
	Copied	  *copied = argument;
	QueryArgs  args = {0};
	RoleSwitch before;
	char	  *key = bookkeeping_key(copied->keys);

	query_arg_text(&args, copied->known);
	role_become(&before, copied->role);
	query_run(psprintf("SELECT count(*), string_agg(m.name, ', ' ORDER BY m.name) FILTER (WHERE m.place <= 5)"
					   " || CASE WHEN count(*) > 5 THEN ', ...' ELSE '' END"
					   " FROM (SELECT n.name, row_number() OVER (ORDER BY n.name COLLATE \"C\") AS place"
					   " FROM (SELECT %s FROM %s EXCEPT SELECT unnest($1::text[]) EXCEPT SELECT %s FROM %s)"
					   " AS n (name)) AS m",
					   key, copied->production, key, copied->gray),
			  &args);
	copied->ahead = query_count(0, 1);
	copied->names = query_text(0, 2);
	role_return(&before);
}

void
check_bookkeeping(const Release *release, const Counting *counting, Findings *findings)
{
	ListCell *cell;

	foreach(cell, load(release))
	{
		Copied	  *copied = lfirst(cell);
		ErrorData *error;

		copied->role = counting->role;
		error = subtransaction_read(compare, copied);
		if (error != NULL)
			finding_add(findings, false, copied->gray,
						psprintf("can't be compared with %s: %s", copied->production,
								 error->message),
						"See that version 2 has run what production has run.");
		else if (copied->ahead > 0)
			finding_add(findings, false, copied->gray,
						psprintf("production is ahead by " UINT64_FORMAT ": %s", copied->ahead,
								 copied->names),
						"Run these migrations in gray, too, under version 2's search_path; gray_diff shows what production has got since.");
	}
}

/*
 * Views
 */

void
check_shared_views(const Release *release, Findings *findings)
{
	char *schema = release->is_open ? shared_view_schema(release) : NULL;

	if (schema != NULL)
		finding_add(findings, false, pstrdup(quote_identifier(schema)),
					"views of production's tables are left from a migration: version 1 can't drop a table, nor drop or change a column, that they show",
					psprintf("SELECT gray_shared_views(false, '%s');", release->name));
}
