/*
 * reading.h: the statement by which release and users are read
 *
 * One statement, so that its snapshot is no later than what it gives.  The first row is the
 * release's line; without such a release there is none.
 */
#ifndef GATEWAY_ROSTER_READING_H
#define GATEWAY_ROSTER_READING_H

#include "database/database.h"
#include "roster/follow.h"

/*
 * schema is quoted.  since: what a snapshot does not show; NULL: everything.  gateway: and the
 * users whom others than this one have announced; NULL, as is to be where since is: not these.
 */
extern void reading_send(Database *database, const char *schema, const char *release,
						 const char *since, const char *gateway);

/* Takes a row of it apart; false: it is not understood. */
extern bool reading_row(const PGresult *result, int row, int server_version, FollowRow *out);

#endif /* GATEWAY_ROSTER_READING_H */
