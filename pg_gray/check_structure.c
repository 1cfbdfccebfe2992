/*
 * check_structure.c: differences of twins by which a row is refused on one side
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"

#include "check_structure.h"
#include "diff.h"
#include "query.h"
#include "release.h"

static bool
is_constraint(const Difference *difference)
{
	if (strcmp(difference->kind, "index") == 0)
		return strstr(difference->undo, "UNIQUE INDEX") != NULL;
	return strcmp(difference->kind, "constraint") == 0 ||
		   strcmp(difference->kind, "foreign key") == 0;
}

/* Constraints that gray alone has are of the upgrade: that a user may fail by them is meant. */
static void
check_constraint(const Difference *difference, Findings *findings)
{
	if (!difference->in_production || !is_constraint(difference))
		return;
	finding_add(findings, false, pstrdup(difference->table),
				psprintf("%s %s is %s: what gray takes may be refused on the way home",
						 difference->kind, difference->name,
						 difference->in_gray ? "another than in production" : "missing"),
				difference->undo);
}

static void
check_identity(const Twin *twin, Findings *findings)
{
	QueryArgs args = {0};
	uint64	  rows;

	query_arg(&args, OIDOID, ObjectIdGetDatum(twin->relation[SIDE_PRODUCTION]));
	rows = query_run("SELECT attname FROM pg_attribute WHERE attrelid = $1 AND attidentity = 'a'"
					 " AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
					 &args);
	for (uint64 row = 0; row < rows; row++)
		finding_add(findings, false, pstrdup(twin->table[SIDE_GRAY]),
					psprintf("column %s is GENERATED ALWAYS in production; in gray it draws from the same sequence, but takes other values too",
							 quote_identifier(query_text(row, 1))),
					"Nothing to do if version 2 leaves the column out of its INSERTs.");
}

void
check_structure(const Release *release, const TwinSet *set, Findings *findings)
{
	ListCell *cell;

	foreach(cell, diff_load(release, set))
		check_constraint(lfirst(cell), findings);
	for (int i = 0; i < set->count; i++)
		check_identity(&set->twins[i], findings);
}
