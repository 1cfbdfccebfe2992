/*
 * home_absence.h: rows that are missing on one side, though nobody deleted them there
 *
 * What is missing in gray counts as deleted by the user, and is deleted at home.  That is
 * right as long as the tables are those that the rows were moved between.
 */
#ifndef PG_GRAY_MOVE_HOME_ABSENCE_H
#define PG_GRAY_MOVE_HOME_ABSENCE_H

#include "postgres/query.h"
#include "release/twin.h"

struct Move;
struct StringInfoData;

/* Raise object_not_in_prerequisite_state when a crash would empty a gray table, and not its twin. */
extern void home_absence_require_logged(struct Move *move);

/*
 * On the way home: raise the same when rows of the user are in a table or partition that is
 * in the release no more, or are missing in a gray table that can have lost them.
 */
extern void home_absence_refuse(const struct Move *move);

/*
 * Partitions that production got while the user was in gray hold rows that gray never had.  Append:
 * AND row `p` is in none of these, which are parameter $n; nothing for a table without partitions.
 */
extern void home_absence_append_spared(struct StringInfoData *sql, const Twin *twin, int n);

/* Append that parameter, if home_absence_append_spared appends anything. */
extern void home_absence_arg_spared(QueryArgs *args, const struct Move *move, const Twin *twin);

#endif /* PG_GRAY_MOVE_HOME_ABSENCE_H */
