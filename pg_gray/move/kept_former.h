/*
 * kept_former.h: values that were kept of a column when it was another
 */
#ifndef PG_GRAY_MOVE_KEPT_FORMER_H
#define PG_GRAY_MOVE_KEPT_FORMER_H

#include "release/twin.h"

struct Move;

/*
 * At the beginning of a migration: what was kept of a column that gray alone had goes into
 * the user's rows in production, where the column has got a twin, and production has said nothing
 * of its own yet: it is null there, or the default.  What was kept beside a value of production
 * that could not hold it goes there when it can, and when that value is still the same.  What
 * does not fit any more is forgotten.
 */
extern void keep_former_settle(struct Move *move, const Twin *twin);

#endif /* PG_GRAY_MOVE_KEPT_FORMER_H */
