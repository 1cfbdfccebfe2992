/*
 * home_absence.h: handles rows that are missing on one side although nobody deleted them there
 *
 * A row that is missing in gray counts as deleted by the user, and is deleted at home.  That is
 * right only as long as both tables are the tables between which the rows were moved.
 */
#ifndef PG_GRAY_MOVE_HOME_ABSENCE_H
#define PG_GRAY_MOVE_HOME_ABSENCE_H

#include "postgres/query.h"
#include "release/twin.h"

struct Move;
struct StringInfoData;

/* Raise object_not_in_prerequisite_state when a crash would empty a gray table but not its twin. */
extern void home_absence_require_logged(struct Move *move);

/*
 * On the way home: raise the same error when rows of the user are in a table or partition that is
 * no longer in the release, or are missing in a gray table that can have lost them.
 */
extern void home_absence_refuse(const struct Move *move);

/*
 * Partitions that production got while the user was in gray hold rows that gray never had.
 * Append: AND row `p` is in none of these partitions, whose array is parameter $n; append nothing
 * for a table without partitions.
 */
extern void home_absence_append_spared(struct StringInfoData *sql, const Twin *twin, int n);

/* Append this array to args, if home_absence_append_spared appends a condition. */
extern void home_absence_arg_spared(QueryArgs *args, const struct Move *move, const Twin *twin);

#endif /* PG_GRAY_MOVE_HOME_ABSENCE_H */
