/*
 * kept_former.h: settles values that were kept of a column before it changed
 */
#ifndef PG_GRAY_MOVE_KEPT_FORMER_H
#define PG_GRAY_MOVE_KEPT_FORMER_H

#include "release/twin.h"

struct Move;

/*
 * To be called at the beginning of a migration.  A value that was kept of a gray-only column goes
 * into the user's row in production when the column has got a twin there and production's value is
 * still null or the default.  A value that was kept beside a value of production that could not
 * hold it goes there when production can hold it now and its own value is still the same.  Values
 * that do not fit any more are forgotten.
 */
extern void keep_former_settle(struct Move *move, const Twin *twin);

#endif /* PG_GRAY_MOVE_KEPT_FORMER_H */
