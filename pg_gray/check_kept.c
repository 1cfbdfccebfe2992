/*
 * check_kept.c: whether what only gray can hold is kept
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "check_index.h"
#include "check_kept.h"
#include "twin_kept.h"

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
