/*
 * check_kept.c: whether what only gray can hold is kept, and can go to production
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "check_index.h"
#include "check_kept.h"
#include "query.h"
#include "release.h"
#include "twin_kept.h"

/* Values that were kept when the column had no twin, or another. */
static void
add_takeable(const Release *release, const Twin *twin, const FormerColumn *former,
			 Findings *findings)
{
	QueryArgs	args = {0};
	const char *name = former->column->name[SIDE_GRAY];

	query_arg_int(&args, twin->position);
	query_arg_int(&args, former->kept_id);
	query_run(psprintf("SELECT count(*), count(DISTINCT uid) FROM %s"
					   " WHERE position = $1 AND column_id = $2",
					   release->kept_table),
			  &args);
	if (strcmp(query_text(0, 1), "0") == 0)
		return;
	finding_add(findings, false, psprintf("%s.%s", twin->table[SIDE_GRAY], name),
				psprintf("%s values of %s users are kept, and production has the column now: they go there with each user's next stay",
						 query_text(0, 1), query_text(0, 2)),
				psprintf("SELECT gray_migrate(uid, '%1$s'), then SELECT gray_migrate_back(uid, '%1$s'); for each uid in SELECT DISTINCT uid FROM gray.kept WHERE release = '%1$s';",
						 release->name));
}

void
check_kept_takeable(const Release *release, const TwinSet *set, Findings *findings)
{
	for (int i = 0; i < set->count; i++)
	{
		for (int j = 0; j < set->twins[i].former_count; j++)
		{
			if (set->twins[i].former[j].column != NULL)
				add_takeable(release, &set->twins[i], &set->twins[i].former[j], findings);
		}
	}
}

void
check_kept(const Twin *twin, Findings *findings)
{
	StringInfoData names;

	if (twin->key_count > 0)
		return;
	initStringInfo(&names);
	for (int i = 0; i < twin->lone_count[SIDE_GRAY]; i++)
	{
		const LoneColumn *column = &twin->lone[SIDE_GRAY][i];

		if (twin_kept_lone(column))
			appendStringInfo(&names, "%s%s", names.len == 0 ? "" : ", ", column->name);
	}
	if (names.len > 0)
		finding_add(findings, false, pstrdup(twin->table[SIDE_GRAY]),
					psprintf("no key by which rows are known again: values of %s are lost when a user goes home",
							 names.data),
					check_key_hint(twin));
}
