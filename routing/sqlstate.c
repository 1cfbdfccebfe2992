/*
 * sqlstate.c: tells which errors of a move go away by themselves, so that the move is tried again
 *
 * These errors are not on the list, for the reasons given:
 * - Broken storage (class 58, XX001, XX002) and internal errors (XX000) come again, and a person
 *   should hear of them.
 * - A lost connection (class 08) is a connection of the application's own, to another server that
 *   one of its functions asks.  A person should hear of it, too.
 * - Class 55 does not go away by itself, except for a lock that is not available.
 * - 25006 (read-only) makes the gateway look for another server.
 */
#include "routing/sqlstate.h"

#include <stddef.h>
#include <string.h>

/* A text of two characters is a class, and a text of five is a single error. */
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
