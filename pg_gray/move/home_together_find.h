/*
 * home_together_find.h: finds the users because of whom a user can't come home
 */
#ifndef PG_GRAY_MOVE_HOME_TOGETHER_FIND_H
#define PG_GRAY_MOVE_HOME_TOGETHER_FIND_H

#include <stdbool.h>

#include "release/twin.h"

struct ErrorData;
struct List;
struct Move;
struct StringInfoData;

/*
 * Return the users (Uid) at whose rows a way home failed, other than its own users.  Their rows
 * are the twins of the move's rows in production, refer to the move's rows or are referred to by
 * them, or have in production a unique value that the move wants.  Returns NIL also when the error
 * does not tell.  Nothing stays locked.  The caller has called SPI_connect and acts as the catalog
 * owner.
 */
extern struct List *together_find(struct Move *move, const struct ErrorData *error);

/* True when the error can tell such users. */
extern bool together_find_applies(const struct Move *move, const struct ErrorData *error);

/*
 * Append a SELECT of the uids of rows in production that have a key of the violated index which a
 * gray row of the users would have at home.  False: the error names no unique index of the set.
 */
extern bool together_value_append(struct StringInfoData *sql, const TwinSet *set,
								  const struct ErrorData *error);

#endif /* PG_GRAY_MOVE_HOME_TOGETHER_FIND_H */
