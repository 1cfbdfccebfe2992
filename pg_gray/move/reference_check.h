/*
 * reference_check.h: checks the foreign keys of moved rows set-wise
 *
 * Each function raises foreign_key_violation as PostgreSQL's own check would, naming table,
 * constraint and key.  The caller has called SPI_connect and acts as the owner of the tables.
 */
#ifndef PG_GRAY_MOVE_REFERENCE_CHECK_H
#define PG_GRAY_MOVE_REFERENCE_CHECK_H

#include <stdbool.h>

#include "postgres/query.h"
#include "release/twin.h"

struct Move;
struct Reference;

/*
 * Check every foreign key of the user's rows that were copied to gray.  A referred row that is not
 * the user's own, and that no frozen row refers to either, is locked FOR KEY SHARE NOWAIT and
 * stays locked: raises lock_not_available when another transaction is just deleting such a row.
 */
extern void reference_check_copied(const struct Move *move, const Twin *twin);

/*
 * Check one foreign key of the user's rows in production in the same way: of all rows; or of the
 * twins of the gray rows at the tids $2 (tid[]).
 */
extern void reference_check_home(const struct Move *move, const struct Reference *reference);
extern void reference_check_picked(const struct Move *move, const struct Reference *reference,
								   const QueryArgs *picked);

/*
 * Check that no other user's row on a side refers to a row of this user that is about to be
 * deleted: in production, a row that gray no longer has; in gray, any row.
 */
extern void reference_check_referrers(const struct Move *move, const Twin *twin, Side side);

/*
 * The same check in production for a table where no row is deleted but some are written: only
 * columns outside the row's key can get another value.
 */
extern void reference_check_written(const struct Move *move, const Twin *twin);

#endif /* PG_GRAY_MOVE_REFERENCE_CHECK_H */
