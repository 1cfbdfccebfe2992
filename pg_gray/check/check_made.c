/*
 * check_made.c: checks the queries by which the migration makes rows of own tables
 */
#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "check/check_made.h"
#include "own/made_load.h"
#include "postgres/query.h"
#include "postgres/role.h"
#include "postgres/subtransaction.h"
#include "release/ownership.h"
#include "release/release.h"

static char *
rows_call(const MadeRows *made)
{
	return psprintf("SELECT gray_rows(%s, 'SELECT ...');",
					quote_literal_cstr(made->own->table[SIDE_GRAY]));
}

static void
check_columns_exist(const MadeRows *made, Findings *findings)
{
	ListCell *cell;

	foreach(cell, made->columns)
	{
		const MadeColumn *column = lfirst(cell);

		if (column->column == NULL)
			finding_add(findings, true,
						psprintf("%s.%s", made->own->table[SIDE_GRAY], column->name),
						"gray_rows fills the column, which is gone", rows_call(made));
	}
}

/* A query, run for nobody. */
typedef struct Reading
{
	const Release *release;
	const char	  *query;
	Oid			   owner;
} Reading;

static void
read_query(void *arg)
{
	const Reading *reading = arg;
	QueryArgs	   nobody = {0};
	RoleSwitch	   before;

	query_arg(&nobody, reading->release->uid_type, (Datum) 0);
	nobody.nulls[0] = 'n';
	role_become(&before, reading->owner);
	(void) query_run(psprintf("SELECT FROM (%s) q LIMIT 0", reading->query), &nobody);
	role_return(&before);
}

void
check_made(const Release *release, const TwinSet *set, Findings *findings)
{
	Oid		  owner = twin_owner_role(set);
	ListCell *cell;

	if (!ownership_is_member(owner))
		return;
	foreach(cell, made_load(release, set))
	{
		const MadeRows *made = lfirst(cell);
		Reading			reading = {release, made->query, owner};
		ErrorData	   *error = subtransaction_read(read_query, &reading);

		check_columns_exist(made, findings);
		if (error != NULL)
			finding_add(findings, true, made->own->table[SIDE_GRAY],
						psprintf("the query that makes its rows can't be run: %s", error->message),
						rows_call(made));
	}
}
