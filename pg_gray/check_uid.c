/*
 * check_uid.c: whether uid columns still hold uids of the release
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "check_uid.h"
#include "release.h"
#include "uid.h"

void
check_uid(const Release *release, const Twin *twin, Findings *findings)
{
	const TwinColumn *column = twin->uid_column;

	for (Side side = SIDE_PRODUCTION; column != NULL && side <= SIDE_GRAY; side++)
	{
		const char *type = format_type_be(release->uid_type);

		if (OidIsValid(uid_wider(release->uid_type, getBaseType(column->type[side]))))
			continue;
		finding_add(findings, true, psprintf("%s.%s", twin->table[side], column->name[side]),
					psprintf("it is of type %s, but uids of the release are of type %s",
							 format_type_be(column->type[side]), type),
					psprintf("ALTER TABLE %s ALTER %s TYPE %s USING %s::%s;", twin->table[side],
							 column->name[side], type, column->name[side], type));
	}
}
