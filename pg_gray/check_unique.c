/*
 * check_unique.c: unique values that two users can take, one on each side
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "check_unique.h"
#include "relation.h"
#include "release.h"
#include "unique_index.h"

/* Neither side's writes are checked, or only those in gray, for want of an index there. */
static void
check_index(const Release *release, const UniqueIndex *unique, Findings *findings)
{
	char *name = relation_name(unique->index[SIDE_PRODUCTION]);
	char *off = psprintf("SELECT gray_set_unique(%s, false, %s); if that is meant.",
						 quote_literal_cstr(name), quote_literal_cstr(release->name));

	if (unique->obstacle[SIDE_GRAY] != NULL)
		finding_add(findings, false, name,
					psprintf("%s: two users can take one value, one on each side, and the moved one can then not come home",
							 unique->obstacle[SIDE_GRAY]),
					off);
	else if (unique->obstacle[SIDE_PRODUCTION] != NULL)
		finding_add(findings, false, name,
					psprintf("%s: in production a user can take the value of a moved one, who can then not come home",
							 unique->obstacle[SIDE_PRODUCTION]),
					psprintf("Give it the same index in gray; or %s", off));
}

void
check_unique(const Release *release, const Twin *twin, Findings *findings)
{
	int			 count;
	UniqueIndex *uniques = unique_index_load(release, twin, &count);

	for (int i = 0; i < count; i++)
	{
		if (uniques[i].wanted)
			check_index(release, &uniques[i], findings);
	}
}
