/*
 * home_together_find.h: on whose account a user can't come home
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
 * Those (Uid) whose rows a way home failed at, other than its own users: the twins of its rows
 * in production are theirs, they refer to its rows or its rows refer to theirs, or they have in
 * production a unique value that it wants.  NIL as well when that can't be told of the error.
 * Nothing stays locked.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern struct List *together_find(struct Move *move, const struct ErrorData *error);

/* Can it be told of the error? */
extern bool together_find_applies(const struct Move *move, const struct ErrorData *error);

/*
 * Append a SELECT of the uids of rows in production that have a key of the violated index
 * which a gray row of the users would have at home.  False: the error names no unique index of
 * the set.
 */
extern bool together_value_append(struct StringInfoData *sql, const TwinSet *set,
								  const struct ErrorData *error);

#endif /* PG_GRAY_MOVE_HOME_TOGETHER_FIND_H */
