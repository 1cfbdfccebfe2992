/*
 * owner_query.h: reading the uid at the end of an owner path
 */
#ifndef OWNER_QUERY_H
#define OWNER_QUERY_H

#include "twin.h"

/*
 * "SELECT uid ..." of the owner of a row of the twin's table on this side, given
 * the row's path columns as $1, $2, ...; palloc'd.  Only for twins by owner path.
 */
extern char *owner_query(const Twin *twin, Side side);

#endif /* OWNER_QUERY_H */
