/*
 * reading.h: the statement by which a release and its users are read
 *
 * It is one statement, so that its snapshot is no later than the rows. The first row is the
 * release's line. Without such a release there is no row.
 */
#ifndef GATEWAY_ROSTER_READING_H
#define GATEWAY_ROSTER_READING_H

#include "database/database.h"
#include "roster/follow.h"

/*
 * Send the statement. schema is quoted. since: a snapshot; read only the rows that it does not
 * show. NULL: read everything. gateway: read also the users whom gateways other than this one
 * have announced. NULL, as it has to be where since is NULL: read no announced users.
 */
extern void reading_send(Database *database, const char *schema, const char *release,
						 const char *since, const char *gateway);

/* Take a row of the result apart. Return false if the row is not understood. */
extern bool reading_row(const PGresult *result, int row, int server_version, FollowRow *out);

#endif /* GATEWAY_ROSTER_READING_H */
