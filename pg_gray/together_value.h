/*
 * together_value.h: who has in production a unique value that a way home wants
 */
#ifndef TOGETHER_VALUE_H
#define TOGETHER_VALUE_H

#include <stdbool.h>

#include "twin.h"

struct ErrorData;
struct StringInfoData;

/*
 * Append a SELECT of the uids of rows in production that have a key of the violated index
 * which a gray row of the users would have at home.  False: the error names no unique index of
 * the set.
 */
extern bool together_value_append(struct StringInfoData *sql, const TwinSet *set,
								  const struct ErrorData *error);

#endif /* TOGETHER_VALUE_H */
