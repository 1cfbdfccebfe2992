/*
 * reference_check.h: foreign keys of moved rows, checked set-wise
 *
 * Each raises foreign_key_violation as PostgreSQL's own check would, naming
 * table, constraint and key.  The caller has called SPI_connect and acts as
 * the owner of the tables.
 */
#ifndef PG_GRAY_MOVE_REFERENCE_CHECK_H
#define PG_GRAY_MOVE_REFERENCE_CHECK_H

#include <stdbool.h>

#include "postgres/query.h"
#include "release/twin.h"

struct Move;
struct Reference;

/*
 * Every foreign key of the user's rows that were copied to gray holds.  Rows they
 * refer to that are not the user's own, and are held by no frozen row either, stay locked
 * FOR KEY SHARE, taken NOWAIT: raises lock_not_available when one is just going.
 */
extern void reference_check_copied(const struct Move *move, const Twin *twin);

/*
 * The same for one foreign key of the user's rows in production: of all of them; or
 * of the twins of the gray rows at the places $2 (tid[]).
 */
extern void reference_check_home(const struct Move *move, const struct Reference *reference);
extern void reference_check_picked(const struct Move *move, const struct Reference *reference,
								   const QueryArgs *picked);

/*
 * No other user's row on a side refers to a row of this user that is about
 * to go: in production, what gray does not have any more; in gray, any.
 */
extern void reference_check_referrers(const struct Move *move, const Twin *twin, Side side);

/*
 * The same in production where no row goes, but some are written: only other columns than
 * those of the key can get another value.
 */
extern void reference_check_written(const struct Move *move, const Twin *twin);

#endif /* PG_GRAY_MOVE_REFERENCE_CHECK_H */
