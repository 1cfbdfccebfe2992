/*
 * copy_partition.h: inserts rows into the partitions where they belong
 */
#ifndef PG_GRAY_MOVE_COPY_PARTITION_H
#define PG_GRAY_MOVE_COPY_PARTITION_H

#include <stdint.h>

#include "release/twin.h"

struct Move;

/*
 * Run INSERT INTO (names) SELECT values source for the partitioned table that a twin has on one
 * side; return the number of rows.  The `values` are named as `names`. Raises PostgreSQL's own
 * error when there is no partition for a row.
 */
extern uint64_t partition_copy_rows(struct Move *move, const Twin *twin, Side side,
									const char *names, const char *values, const char *source);

#endif /* PG_GRAY_MOVE_COPY_PARTITION_H */
