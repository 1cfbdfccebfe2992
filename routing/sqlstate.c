/*
 * sqlstate.c: errors of a move after which it is tried again
 *
 * Broken storage (class 58, XX001, XX002) and internal errors (XX000) come again, and a person
 * should hear of them.  A lost connection (class 08) is one of the application's own, to another
 * server that a function of it asks: a person should hear of that, too.  Of class 55 only a lock
 * that is not available goes away by itself.  The gateway takes 25006 (read-only) for a reason to
 * look for another server.
 */
#include "routing/sqlstate.h"

#include <stddef.h>
#include <string.h>

/* Classes of two letters, and single errors of five. */
static const char *const cured[] = {
	"40",	 /* transaction rollback: deadlock, serialization failure */
	"53",	 /* insufficient resources */
	"57",	 /* operator intervention: cancelled, shutdown */
	"55P03", /* lock not available */
	"72000", /* snapshot too old */
};

bool
sqlstate_time_cures(const char *sqlstate)
{
	for (size_t i = 0; i < sizeof(cured) / sizeof(cured[0]); i++)
	{
		if (strncmp(sqlstate, cured[i], strlen(cured[i])) == 0)
			return strlen(sqlstate) == 5;
	}
	return false;
}

bool
sqlstate_is_cancelled(const char *sqlstate)
{
	return strcmp(sqlstate, "57014") == 0;
}
