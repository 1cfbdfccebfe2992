/*
 * together_find.h: on whose account a user can't come home
 */
#ifndef TOGETHER_FIND_H
#define TOGETHER_FIND_H

#include <stdbool.h>

struct ErrorData;
struct List;
struct Move;

/*
 * Those (Uid) whose rows a way home failed at, other than its own users: the twins of its rows
 * in production are theirs, they refer to its rows or its rows refer to theirs, or they have in
 * production a unique value that it wants.  NIL as well when that can't be told of the error.
 * Nothing stays locked.  The caller has called SPI_connect and acts as the catalog owner.
 */
extern struct List *together_find(struct Move *move, const struct ErrorData *error);

/* Can it be told of the error? */
extern bool together_find_applies(const struct Move *move, const struct ErrorData *error);

#endif /* TOGETHER_FIND_H */
