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
	static const char unique[] = "CREATE UNIQUE INDEX ";

	if (strcmp(difference->kind, "index") == 0)
		return strncmp(difference->create[SIDE_PRODUCTION], unique, strlen(unique)) == 0;
	return strcmp(difference->kind, "constraint") == 0 ||
		   strcmp(difference->kind, "foreign key") == 0;
}

/*
 * What it demands of a row: its definition without its name, and without what PostgreSQL does
 * when, or to which rows that are there already.
 */
static char *
demand(const Difference *difference, Side side)
{
	static const char *const tails[] = {" NOT VALID",		   " NO INHERIT",
										" INITIALLY DEFERRED", " DEFERRABLE",
										" ON DELETE CASCADE",  " ON DELETE RESTRICT",
										" ON UPDATE CASCADE",  " ON UPDATE RESTRICT",
										" ON UPDATE SET NULL", " ON UPDATE SET DEFAULT",
										" ON DELETE SET NULL", " ON DELETE SET DEFAULT"};
	char					*name = psprintf(" %s ", quote_identifier(difference->name));
	char					*text = strstr(difference->create[side], name);
	int						 length;

	if (text == NULL)
		return NULL;
	text = pstrdup(text + strlen(name));
	length = strlen(text);
	for (int i = 0; i < (int) lengthof(tails); i++)
	{
		int tail = strlen(tails[i]);

		if (length >= tail && strcmp(text + length - tail, tails[i]) == 0)
		{
			text[length -= tail] = '\0';
			i = -1;
		}
	}
	return text;
}

static bool
demands_the_same(const Difference *production, const Difference *gray)
{
	char *left = demand(production, SIDE_PRODUCTION);
	char *right = demand(gray, SIDE_GRAY);

	return left != NULL && right != NULL && strcmp(left, right) == 0;
}

/* Gray has it all the same: under another name, or as it is for new rows. */
static bool
is_kept(const List *differences, const Difference *production)
{
	ListCell *cell;

	foreach(cell, differences)
	{
		const Difference *gray = lfirst(cell);

		if (gray->create[SIDE_GRAY] != NULL && strcmp(gray->table, production->table) == 0 &&
			strcmp(gray->kind, production->kind) == 0 && demands_the_same(production, gray))
			return true;
	}
	return false;
}

/* Constraints that gray alone has are of the upgrade: that a user may fail by them is meant. */
static void
check_constraint(const List *differences, const Difference *difference, Findings *findings)
{
	if (!difference->in_production || !is_constraint(difference) || is_kept(differences, difference))
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
	List	 *differences = diff_load(release, set);
	ListCell *cell;

	foreach(cell, differences)
		check_constraint(differences, lfirst(cell), findings);
	for (int i = 0; i < set->count; i++)
		check_identity(&set->twins[i], findings);
}
